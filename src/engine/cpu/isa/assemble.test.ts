import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toHex } from '../../core/bytes';
import { assemble, MAX_CODE } from './assemble';
import { MNEMONICS } from './instructions';

function assembled(text: string, origin = 0n) {
  const result = assemble(text, origin);
  if (!result.ok) throw new Error(JSON.stringify(result.errors));
  return result;
}

const code = (text: string, origin = 0n): string => toHex(assembled(text, origin).code);

function errors(text: string) {
  const result = assemble(text);
  return result.ok ? [] : result.errors.map(({ line, column, message }) => `${line}:${column} ${message}`);
}

describe('assemble', () => {
  it('lays out a program with labels, comments and data', () => {
    const text = [
      '; counts down',
      'start:  MOV ecx, 3      # three times',
      'again:  dec ecx',
      '        jne again',
      '        mov al, [text]',
      '        mov rbx, text + 1',
      '        ret',
      "text:   db 'ab', 0, -1, 0xff",
      '        ascii "c; d"',
      '        dw 0x1234',
      'end:    dq start',
    ].join('\n');
    const { lines, labels, code: bytes } = assembled(text, 0x7f0000000000n);
    expect(toHex(bytes)).toBe(
      [
        'b903000000',
        'ffc9',
        '75fc',
        '8a050b000000',
        `48bb${'1b00000000'}7f0000`,
        'c3',
        '616200ffff',
        '633b2064',
        '3412',
        '0000000000',
        '7f0000',
      ].join(''),
    );
    expect(labels.map(({ name, address }) => `${name} ${address.toString(16)}`)).toEqual([
      'start 7f0000000000',
      'again 7f0000000005',
      'text 7f000000001a',
      'end 7f0000000025',
    ]);
    expect(lines.slice(0, 4)).toEqual([
      { line: 2, offset: 0, length: 5, text: 'MOV ecx, 3' },
      { line: 3, offset: 5, length: 2, text: 'dec ecx' },
      { line: 4, offset: 7, length: 2, text: 'jne again' },
      { line: 5, offset: 9, length: 6, text: 'mov al, [text]' },
    ]);
  });

  it('takes the smallest number of bytes that the value allows', () => {
    expect(code('mov rax, 0x7fffffff')).toBe('48c7c0ffffff7f');
    expect(code('mov rax, 0x80000000')).toBe('48b80000008000000000');
    expect(code('mov rax, 0xffffffff80000000')).toBe('48c7c000000080');
    expect(code('add rbx, 127')).toBe('4883c37f');
    expect(code('add rbx, 128')).toBe('4881c380000000');
    expect(code('add ebx, 0xffffff80')).toBe('83c380');
    expect(code("mov al, 'A'")).toBe('b041');
  });

  it.each([
    [125, 'eb7d'],
    [127, 'eb7f'],
    [128, 'e980000000'],
  ])('jumps over %i bytes', (count, bytes) =>
    expect(code(`jmp over\n${'nop\n'.repeat(count)}over:`).slice(0, bytes.length)).toBe(bytes),
  );

  it('makes a jump longer when others between became longer', () => {
    const text = `a: jmp c\n${'nop\n'.repeat(124)}jmp d\nc:${'nop\n'.repeat(130)}d:`;
    expect(code(text).slice(0, 10)).toBe('e981000000');
    expect(code(text.replace('jmp d', 'nop')).slice(0, 4)).toBe('eb7d');
  });

  it('keeps the longer form of a number that fits the shorter one only in the longer one', () =>
    expect(code('add eax, x - 133\nx:')).toBe('0580ffffff'));

  it('forces a reach, and jumps to numbers and by $', () => {
    expect(code('jmp near $')).toBe('e9fbffffff');
    expect(code('jmp short $+2')).toBe('eb00');
    expect(code('call 0x401005', 0x401000n)).toBe('e800000000');
  });

  it('reaches labels in memory from RIP, whatever follows in the instruction', () => {
    expect(code('mov dword [x], 5\nx:', 0x7f0000000000n)).toBe('c7050000000005000000');
    expect(code('lea rax, [x-1]\nx:')).toBe('488d05ffffffff');
    expect(code('mov rax, [rel 0x1000]', 0xff9n)).toBe('488b0500000000');
  });

  it('knows other names of conditions', () => {
    expect(code('jz $')).toBe(code('je $'));
    expect(code('jnb $')).toBe(code('jae $'));
    expect(code('sal rax, 2')).toBe(code('shl rax, 2'));
  });

  it('assembles nothing of nothing', () => expect(assembled('\n ; only this\n\n').code.length).toBe(0));
});

describe('errors', () => {
  it.each([
    ['frob rax', '1:1 There is no instruction called frob.'],
    ['  mvo rax, 1', '1:3 There is no instruction called mvo. Did you mean mov?'],
    ['vmexit', '1:1 There is no instruction called vmexit. Did you mean vmgexit?'],
    ['hat', '1:1 There is no instruction called hat. Did you mean hlt?'],
    ['rol rax, 1', '1:1 There is no instruction called rol.'],
    ['constructor', '1:1 There is no instruction called constructor.'],
    ['rep', '1:1 After rep an instruction is missing.'],
    ['rep cpuid', '1:1 rep goes before insb, insw, insd, outsb, outsw, outsd only.'],
    ['ret 8', '1:1 ret takes another number of operands: none, not one.'],
    ['add rax', '1:1 add takes another number of operands: two, not one.'],
    ['mov rax, ebx', '1:5 mov does not take these sizes: rax has 64 bits, ebx has 32 bits.'],
    ['push eax', '1:6 push does not take these sizes: eax has 32 bits.'],
    ['mov [rax], [rbx]', '1:12 Only one operand can be in memory: go through a register.'],
    [
      'mov 5, rax',
      '1:5 mov takes a register or memory and a register; a register and a register or memory; a register and a number; a register or memory and a number; a register and dr6 or dr7; dr6 or dr7 and a register.',
    ],
    ['inc [rax]', '1:5 How much memory? Write byte, word, dword or qword before the bracket.'],
    ['movzx eax, [rax]', '1:12 How much memory? Write byte, word, dword or qword before the bracket.'],
    ['mov ah, 1', '1:5 This machine’s instructions know no register ah.'],
    ['mov al, 256', '1:9 0x100 does not fit into 8 bits.'],
    ['mov al, -129', '1:9 -0x81 does not fit into 8 bits.'],
    [
      'add rax, 0x80000000',
      '1:10 add takes numbers of 32 bits with a sign, and 0x80000000 is none: mov it into a register first.',
    ],
    ['mov rax, 0x10000000000000000', '1:10 0x10000000000000000 does not fit into 64 bits.'],
    ['mov rax, 12ab', '1:10 12ab is no number: write 16 or 0x10, and let names begin with a letter.'],
    [
      'mov rax, [0x80000000]',
      '1:10 0x80000000 does not fit into the 32 bits of an address here: mov the address into a register first.',
    ],
    ['mov rax, [rbx+rcx]', '1:15 In brackets one register can be added: rcx is too much.'],
    ['x: mov rax, [8-x]', '1:16 In brackets one label can be added: x is too much.'],
    ['mov rax, [ebx]', '1:11 Addresses have 64 bits: ebx cannot be one.'],
    [
      'x: mov rax, [rbx+x]',
      '1:14 A label in brackets goes without a register: mov its address into one first.',
    ],
    ['mov rax, [rbx', '1:14 Here a ] is missing.'],
    ['mov rax,', '1:9 Here a number or a name is expected.'],
    ['mov rax, byte 5', '1:15 After byte a memory operand in brackets is expected.'],
    ['mov rax 5', '1:9 5 is too much here: a comma is missing, or the line ends before it.'],
    ['jmp nowhere', '1:5 There is no label called nowhere.'],
    ['loop1: jmp lopo1', '1:12 There is no label called lopo1. Did you mean loop1?'],
    ['jmp x + x\nx:', '1:9 One label can be added, and none taken away: x is too much.'],
    ['push -x\nx:', '1:7 One label can be added, and none taken away: x is too much.'],
    ['loop near $', '1:1 loop has no near form here.'],
    [
      `loop x\n${'nop\n'.repeat(128)}x:`,
      '1:6 This is too far for loop: it reaches -128 to 127 bytes from its end.',
    ],
    ['jmp 0x200000000', '1:5 This is too far for jmp: it reaches 2 GiB from its end.'],
    ['a: nop\na: nop', '2:1 There is a label a already, on line 1.'],
    ['rax: nop', '1:1 rax is a register and cannot be a label.'],
    ['Mov: nop', '1:1 Mov is an instruction and cannot be a label.'],
    ['$x: nop', '1:1 $x cannot be a label: letters, digits, _ and . make one.'],
    ['5', '1:1 A line begins with an instruction or a label.'],
    ['nop @', '1:5 The character @ has no meaning here.'],
    ["db 'abc", '1:4 This text has no closing quote.'],
    ["db 'aé'", '1:6 A text has printable ASCII characters only.'],
    ['ascii 5', '1:7 ascii takes a text in quotes.'],
    ['db 256', '1:4 0x100 does not fit into 8 bits.'],
    [`nop ;${'x'.repeat(196)}`, '1:201 A line has at most 200 characters.'],
    ['\n'.repeat(512).concat('nop'), '513:1 A program has at most 512 lines.'],
    [
      `${'dq 0, 0, 0, 0, 0, 0, 0, 0\n'.repeat(64)}nop`,
      '65:1 A program has at most 4096 bytes; here it is 4097.',
    ],
  ])('%s', (text, message) => expect(errors(text)).toEqual([message]));

  it('come one a line, in the order of the lines', () =>
    expect(errors('nop\nfrob\nmov rax, ebx\nnop @').map((one) => one.split(' ')[0])).toEqual([
      '2:1',
      '3:5',
      '4:5',
    ]));

  it('does not end at the limits themselves', () => {
    expect(assembled(`${'\n'.repeat(511)}nop\n`).code.length).toBe(1);
    expect(assembled('dq 0, 0, 0, 0, 0, 0, 0, 0\n'.repeat(64)).code.length).toBe(MAX_CODE);
  });

  it('answers any text, and errors are where the text is', () => {
    const words = [
      ...MNEMONICS,
      'rax',
      'al',
      'ecx',
      'dr7',
      'xmm0',
      'x',
      'x:',
      'byte',
      '[',
      ']',
      ',',
      '+',
      '-',
      '$',
      ':',
    ];
    const word = fc.oneof(
      fc.constantFrom(
        ...words,
        'rep',
        'near',
        'rip',
        'rel',
        'db',
        "'",
        '"',
        ';',
        '\n',
        '\n',
        '5',
        '0x7fffffffffff',
      ),
      fc.string({ maxLength: 3 }),
    );
    const text = fc.oneof(
      fc.array(word, { maxLength: 40 }).map((list) => list.join(' ')),
      fc.string({ unit: 'grapheme', maxLength: 300 }),
    );
    fc.assert(
      fc.property(text, fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), (source, origin) => {
        const result = assemble(source, origin);
        if (result.ok) return;
        const lines = source.split(/\r?\n/);
        expect(result.errors.length).toBeGreaterThan(0);
        for (const { line, column, message } of result.errors) {
          expect(column).toBeGreaterThan(0);
          expect(column).toBeLessThanOrEqual((lines[line - 1]?.length ?? -1) + 1);
          expect(message).toMatch(/[.?]$/);
        }
      }),
      { numRuns: 3000 },
    );
  });

  it('stays quick with the longest chain of jumps', () => {
    const chain = Array.from({ length: 510 }, (_, i) => `l${i}: jne l${Math.min(i + 65, 509)}`).join('\n');
    expect(assembled(chain).code.length).toBeGreaterThan(510 * 2);
  });
});
