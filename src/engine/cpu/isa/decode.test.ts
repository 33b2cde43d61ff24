import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromHex, toHex } from '../../core/bytes';
import { formWithOperands } from '../../testing/instructions';
import { assemble } from './assemble';
import { decode } from './decode';
import { encode } from './encode';
import { FORMS } from './form';
import { print } from './print';
import { CONDITIONS } from './table/flow';

/**
 * Bytes and what they say, by hand from the opcode tables of APM vol. 3; GNU objdump 2.40 reads them alike. `~`: the
 * assembler says it in other bytes.
 */
const KNOWN = `
  88 d8                          mov al, bl
  40 88 fe                       mov sil, dil
  44 88 c0                       mov al, r8b
  89 d8                          mov eax, ebx
  48 89 d8                       mov rax, rbx
  4d 89 c7                       mov r15, r8
  66 89 d8                       mov ax, bx
  ~ 8a c3                        mov al, bl
  8a 07                          mov al, [rdi]
  48 8b 45 f8                    mov rax, [rbp-8]
  48 8b 04 24                    mov rax, [rsp]
  49 8b 44 24 10                 mov rax, [r12+0x10]
  49 8b 45 00                    mov rax, [r13]
  8b 80 00 10 00 00              mov eax, [rax+0x1000]
  48 8b 04 25 00 10 00 00        mov rax, [0x1000]
  48 8b 05 34 12 00 00           mov rax, [rip+0x1234]
  88 43 01                       mov [rbx+1], al
  66 89 03                       mov [rbx], ax
  48 89 43 08                    mov [rbx+8], rax
  b0 2a                          mov al, 0x2a
  40 b7 2a                       mov dil, 0x2a
  66 b8 2a 00                    mov ax, 0x2a
  b8 2a 00 00 00                 mov eax, 0x2a
  41 bf ff ff ff ff              mov r15d, -1
  48 bb 00 00 00 00 00 7f 00 00  mov rbx, 0x7f0000000000
  48 c7 c0 2a 00 00 00           mov rax, 0x2a
  48 c7 c0 ff ff ff ff           mov rax, -1
  c6 00 2a                       mov byte [rax], 0x2a
  66 c7 00 2a 00                 mov word [rax], 0x2a
  c7 00 2a 00 00 00              mov dword [rax], 0x2a
  48 c7 40 08 2a 00 00 00        mov qword [rax+8], 0x2a
  0f 21 f8                       mov rax, dr7
  41 0f 21 f1                    mov r9, dr6
  0f 23 fb                       mov dr7, rbx
  0f b6 c3                       movzx eax, bl
  48 0f b6 03                    movzx rax, byte [rbx]
  48 0f b7 43 02                 movzx rax, word [rbx+2]
  48 8d 44 24 08                 lea rax, [rsp+8]
  8d 03                          lea eax, [rbx]
  50                             push rax
  41 57                          push r15
  6a ff                          push -1
  68 00 10 00 00                 push 0x1000
  5b                             pop rbx
  41 5c                          pop r12
  66 48 0f 6e c3                 movq xmm0, rbx
  66 49 0f 7e c0                 movq r8, xmm0
  66 0f ef c0                    pxor xmm0, xmm0
  84 c0                          test al, al
  48 85 c0                       test rax, rax
  85 03                          test [rbx], eax
  a8 01                          test al, 1
  a9 00 10 00 00                 test eax, 0x1000
  f6 03 01                       test byte [rbx], 1
  48 f7 c3 00 10 00 00           test rbx, 0x1000
  f6 d3                          not bl
  48 f7 d3                       not rbx
  f6 1b                          neg byte [rbx]
  f7 db                          neg ebx
  fe c0                          inc al
  48 ff c0                       inc rax
  fe 0b                          dec byte [rbx]
  41 ff c8                       dec r8d
  c1 3b 1f                       sar dword [rbx], 0x1f
  eb fe                          jmp $+0
  e9 fb 0f 00 00                 jmp $+0x1000
  ff e0                          jmp rax
  41 ff 63 08                    jmp qword [r11+8]
  e2 fc                          loop $-2
  e8 00 00 00 00                 call $+5
  ff d0                          call rax
  ff 13                          call qword [rbx]
  c3                             ret
  48 cf                          iretq
  90                             nop
  f3 90                          pause
  f8                             clc
  f9                             stc
  fa                             cli
  fb                             sti
  fc                             cld
  fd                             std
  0f 01 d0                       xgetbv
  0f 01 d1                       xsetbv
  f4                             hlt
  0f a2                          cpuid
  0f 32                          rdmsr
  0f 30                          wrmsr
  0f 31                          rdtsc
  0f 01 f9                       rdtscp
  0f 33                          rdpmc
  0f 01 d9                       vmmcall
  f3 0f 01 d9                    vmgexit
  f2 0f 01 ff                    pvalidate
  f3 0f 01 fe                    rmpadjust
  f3 0f 01 fd                    rmpquery
  0f 09                          wbinvd
  0f 08                          invd
  0f 01 c8                       monitor
  0f 01 c9                       mwait
  cc                             int3
  0f 0b                          ud2
  e4 60                          in al, 0x60
  e5 60                          in eax, 0x60
  66 e5 60                       in ax, 0x60
  ec                             in al, dx
  66 ed                          in ax, dx
  ed                             in eax, dx
  e6 80                          out 0x80, al
  e7 80                          out 0x80, eax
  ee                             out dx, al
  ef                             out dx, eax
  6c                             insb
  f3 6c                          rep insb
  66 6d                          insw
  6d                             insd
  6e                             outsb
  f3 6e                          rep outsb
  66 6f                          outsw
  f3 6f                          rep outsd`;

interface Row {
  readonly bytes: string;
  readonly text: string;
  readonly shortest: boolean;
}

const row = (line: string): Row => {
  const [, tilde, bytes = '', text = ''] = /^\s*(~?) ?((?:[0-9a-f]{2} )+)\s*(\S.*)$/.exec(line) ?? [];
  return { bytes: bytes.replaceAll(' ', ''), text, shortest: tilde === '' };
};

const hex = (byte: number): string => byte.toString(16).padStart(2, '0');

/** The eight operations share one pattern (APM vol. 3 Table ), the jumps another (Table ). */
const ALU = ['add', 'or', 'adc', 'sbb', 'and', 'sub', 'xor', 'cmp'].flatMap((name, n) => [
  `${hex(8 * n)} d8 ${name} al, bl`,
  `48 ${hex(8 * n + 1)} d8 ${name} rax, rbx`,
  `${hex(8 * n + 2)} 03 ${name} al, [rbx]`,
  `4c ${hex(8 * n + 3)} 07 ${name} r8, [rdi]`,
  `${hex(8 * n + 4)} 64 ${name} al, 0x64`,
  `${hex(8 * n + 5)} e8 03 00 00 ${name} eax, 0x3e8`,
  `~ ${hex(8 * n + 5)} 64 00 00 00 ${name} eax, 0x64`,
  `80 ${hex(0x03 + 8 * n)} 07 ${name} byte [rbx], 7`,
  `48 83 ${hex(0xc0 + 8 * n)} f8 ${name} rax, -8`,
  `81 ${hex(0xc3 + 8 * n)} e8 03 00 00 ${name} ebx, 0x3e8`,
]);
const JUMPS = CONDITIONS.flatMap((name, n) => [
  `${hex(0x70 + n)} 10 ${name} $+0x12`,
  `0f ${hex(0x80 + n)} 00 01 00 00 ${name} $+0x106`,
  `0f ${hex(0x80 + n)} 10 00 00 00 ${name} near $+0x16`,
]);
const SHIFTS = (['shl', 'shr', '', 'sar'] as const).flatMap((name, n) =>
  name === ''
    ? []
    : [
        `d0 ${hex(0xe0 + 8 * n)} ${name} al, 1`,
        `48 d1 ${hex(0xe3 + 8 * n)} ${name} rbx, 1`,
        `d2 ${hex(0xe3 + 8 * n)} ${name} bl, cl`,
        `66 d3 ${hex(0xe3 + 8 * n)} ${name} bx, cl`,
        `c0 ${hex(0xe0 + 8 * n)} 04 ${name} al, 4`,
        `48 c1 ${hex(0xe0 + 8 * n)} 0c ${name} rax, 0xc`,
      ],
);
const ROWS = [...KNOWN.trim().split('\n'), ...ALU, ...JUMPS, ...SHIFTS].map(row);

describe('known encodings', () => {
  it.each(ROWS)('$bytes is $text', ({ bytes, text, shortest }) => {
    const decoded = decode(fromHex(`${bytes}9090909090`));
    if (!decoded || decoded === 'more') throw new Error(`${bytes} decodes to ${decoded}`);
    expect(print(decoded)).toBe(text);
    expect(decoded.length).toBe(bytes.length / 2);
    const assembled = assemble(text.toUpperCase().replaceAll('0X', '0x'));
    if (!assembled.ok) throw new Error(JSON.stringify(assembled.errors));
    if (shortest) expect(toHex(assembled.code)).toBe(bytes);
    else expect(assembled.code.length).toBeLessThanOrEqual(bytes.length / 2);
  });

  it('cover every row of the table', () => {
    const name = ({ mnemonic, opcode, slots }: (typeof FORMS)[number]): string =>
      `${mnemonic} ${toHex(Uint8Array.from(opcode))} ${slots.map(({ place }) => place).join()}`;
    const covered = ROWS.flatMap(({ bytes }) => {
      const decoded = decode(fromHex(bytes));
      if (!decoded || decoded === 'more') return [];
      const made = FORMS.filter(({ mnemonic }) => mnemonic === decoded.mnemonic).filter((form) => {
        const encoded = encode(form, decoded.operands, decoded.rep);
        return encoded && toHex(encoded) === bytes;
      });
      return made.map(name);
    });
    const missing = [...new Set(FORMS.map(name))].filter((one) => !covered.includes(one));
    expect(missing).toEqual([]);
  });
});

describe('decode', () => {
  it.each([
    ['more, after nothing', '', 'more'],
    ['more, after prefixes', 'f36648', 'more'],
    ['more, before ModRM', '0f01', 'more'],
    ['more, before SIB', '488b04', 'more'],
    ['more, inside a displacement', '488b80112233', 'more'],
    ['more, inside a number', 'b82a0000', 'more'],
    ['null for the byte after which no opcode of the table comes', '0f04', null],
    ['null for AH', '88e0', null],
    ['null for MOV AH, imm8', 'b42a', null],
    ['null for an index register', '488b0408', null],
    ['null for r12 as index', '4a8b0424', null],
    ['null for XCHG r8', '4190', null],
    ['null for another debug register', '0f21c0', null],
    ['null for another XMM register', '66480f6ecb', null],
    ['null for LEA of a register', '8dc0', null],
    ['null for LOCK', 'f00103', null],
    ['null for segments', '65488b00', null],
    ['null for a repeat prefix on what does not repeat', 'f3c3', null],
    ['null for F2 where F3 belongs: RMPUPDATE is no instruction of a guest', 'f20f01fe', null],
    ['null for F2 on what does not need it', 'f290', null],
    ['null for F2 and F3 together', 'f2f30f01ff', null],
    ['more, after F2', 'f20f01', 'more'],
    ['null for a prefix that is there twice', '666690', null],
    ['null for REX before another prefix', '4866b82a00', null],
    ['null for IN with both 66 and REX.W', '6648ed', null],
    ['null for PUSH of 16 bits', '6650', null],
    ['null for /7 behind FF, before SIB', 'ff3c', null],
  ])('%s: %s', (_, bytes, expected) => expect(decode(fromHex(bytes))).toBe(expected));

  it('ignores REX.W where the size is fixed, and 66 beside REX.W', () => {
    expect(decode(fromHex('480fa2'))).toMatchObject({ mnemonic: 'cpuid', length: 3 });
    expect(decode(fromHex('6648ffc0'))).toMatchObject({ operands: [{ register: 'rax', size: 8 }] });
  });

  it('ignores REX.B beside RIP, and REX.R in an opcode', () => {
    expect(decode(fromHex('418b0534120000'))).toMatchObject({ operands: [{}, { base: 'rip' }] });
    expect(decode(fromHex('44f7d3'))).toMatchObject({ mnemonic: 'not', operands: [{ register: 'rbx' }] });
  });

  it('ignores ModRM.mod for debug registers', () =>
    expect(decode(fromHex('0f2138'))).toMatchObject({ length: 3, operands: [{ register: 'rax' }, {}] }));

  it('answers anything, reads no byte that it does not count, and wants more of less', () => {
    const prefixed = fc
      .tuple(
        fc.array(fc.constantFrom(0x66, 0xf2, 0xf3, 0x0f, 0x48, 0x41, 0x44), { maxLength: 3 }),
        fc.uint8Array({ maxLength: 15 }),
      )
      .map(([before, after]) => Uint8Array.from([...before, ...after]));
    fc.assert(
      fc.property(prefixed, (bytes) => {
        const decoded = decode(bytes);
        if (decoded === null || decoded === 'more') return;
        expect(decoded.length).toBeLessThanOrEqual(15);
        expect(decode(bytes.subarray(0, decoded.length))).toEqual(decoded);
        for (let length = 0; length < decoded.length; length++)
          expect(decode(bytes.subarray(0, length))).toBe('more');
      }),
      { numRuns: 2000 },
    );
  });

  it('gives back what was encoded', () => {
    fc.assert(
      fc.property(formWithOperands, ({ form, operands, rep }) => {
        const bytes = encode(form, operands, rep);
        if (!bytes) throw new Error('not encoded');
        const expected = { mnemonic: form.mnemonic, operands, rep, length: bytes.length };
        const swapped = { ...expected, operands: operands.toReversed() };
        expect([expected, swapped]).toContainEqual(decode(bytes));
        if (form.mnemonic !== 'test') expect(decode(bytes)).toEqual(expected);
      }),
      { numRuns: 2000 },
    );
  });
});
