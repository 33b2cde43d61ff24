import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Outcome, ok, type Rule, refuse } from '../../core/fault';
import { RESET_REGISTERS, type Registers } from '../../core/registers';
import { formWithOperands, quadword } from '../../testing/instructions';
import { assemble } from './assemble';
import { decode } from './decode';
import { PLAIN_EVENTS } from './events';
import { execute } from './execute';
import type { Operand, Size } from './instructions';
import { MNEMONICS } from './instructions';
import type { Memory } from './run/operandAccess';
import type { Effect } from './run/step';
import vectors from './vectors/flags.json';

const ORIGIN = 0x10000n;
const STATUS = 0x8d5n;
const NOTHING: Rule = {
  id: 'test.nothing',
  says: 'Nothing is there.',
  source: 'the test',
  standing: 'modelled',
};

/** Little-endian memory of a few bytes around zero and of 64 KiB from `ORIGIN`; nothing elsewhere. */
function memory() {
  const bytes = new Map<bigint, number>();
  const there = (address: bigint): boolean => address < 2n * ORIGIN;
  const missing = (address: bigint) =>
    refuse(NOTHING, '#PF', `nothing at ${address}`, { address: `${address}` }, 'Another address.');
  const self: Memory = {
    load(address, size) {
      if (!there(address)) return missing(address);
      let value = 0n;
      for (let i = size - 1; i >= 0; i--) value = (value << 8n) | BigInt(bytes.get(address + BigInt(i)) ?? 0);
      return ok(value);
    },
    store(address, size, value) {
      if (!there(address)) return missing(address);
      for (let i = 0; i < size; i++) bytes.set(address + BigInt(i), Number((value >> BigInt(8 * i)) & 0xffn));
      return ok(null);
    },
  };
  return { bytes, self };
}

const registers = (some: Partial<Registers> = {}): Registers => ({
  ...RESET_REGISTERS,
  rip: ORIGIN,
  rsp: ORIGIN,
  ...some,
});

interface Ended {
  readonly registers: Registers;
  readonly steps: number;
  readonly effect: Outcome<Effect>;
}

/** Runs a program until something is not just the next instruction, at most 10000 steps. */
function run(text: string, some: Partial<Registers> = {}, on = memory()): Ended {
  const assembled = assemble(text, ORIGIN);
  if (!assembled.ok) throw new Error(JSON.stringify(assembled.errors));
  for (const [i, byte] of assembled.code.entries()) on.bytes.set(ORIGIN + BigInt(i), byte);
  let state = registers(some);
  for (let steps = 0; steps < 10_000; steps++) {
    const code = Uint8Array.from({ length: 15 }, (_, i) => on.bytes.get(state.rip + BigInt(i)) ?? 0);
    const instruction = decode(code);
    if (!instruction || instruction === 'more') throw new Error(`no instruction at ${state.rip}`);
    const effect = execute(instruction, state, on.self);
    if (!effect.ok || effect.value.kind === 'event') return { registers: state, steps, effect };
    state = effect.value.registers;
  }
  throw new Error('the program does not end');
}

const eventOf = ({ effect }: Ended) => {
  if (!effect.ok || effect.value.kind !== 'event') throw new Error('no event');
  return effect.value.event;
};

/** One instruction on registers. */
function once(text: string, some: Partial<Registers>): Registers {
  const ended = run(`${text}\nhlt`, some);
  expect([ended.steps, eventOf(ended)]).toEqual([1, { name: 'HLT' }]);
  return ended.registers;
}

describe('arithmetic', () => {
  it('gives the values and flags that a processor gave', () => {
    const unary = new Set(['not', 'neg', 'inc', 'dec']);
    const shifts = new Set(['shl', 'shr', 'sar']);
    for (const row of vectors.rows) {
      const [name = '', bytes, ...numbers] = row.split(' ');
      const mnemonic = MNEMONICS.find((one) => one === name);
      const size = Number(bytes) as Size;
      const [a = 0n, b = 0n, before = 0n, value, after] = numbers.map((digits) => BigInt(`0x${digits}`));
      if (!mnemonic) throw new Error(`no ${name}`);
      const second: Operand = { kind: 'register', register: 'rcx', size: shifts.has(name) ? 1 : size };
      const operands: Operand[] = [
        { kind: 'register', register: 'rax', size },
        ...(unary.has(name) ? [] : [second]),
      ];
      const effect = execute(
        { mnemonic, operands, length: 3, rep: false },
        registers({ rax: a, rcx: b, rflags: before | 2n }),
        memory().self,
      );
      if (!effect.ok || effect.value.kind !== 'next') throw new Error(row);
      const { rax, rflags } = effect.value.registers;
      expect([row, BigInt.asUintN(8 * size, rax), rflags & STATUS]).toEqual([row, value, after]);
    }
  });

  it('agrees with numbers on carry, zero, sign and overflow', () => {
    fc.assert(
      fc.property(quadword, quadword, fc.constantFrom(1, 2, 4, 8), (a, b, size) => {
        const bits = 8 * size;
        const [first, second] =
          { 1: ['al', 'bl'], 2: ['ax', 'bx'], 4: ['eax', 'ebx'], 8: ['rax', 'rbx'] }[size] ?? [];
        const [x, y] = [BigInt.asUintN(bits, a), BigInt.asUintN(bits, b)];
        const [sx, sy] = [BigInt.asIntN(bits, a), BigInt.asIntN(bits, b)];
        for (const [name, exact, signed] of [
          ['add', x + y, sx + sy],
          ['sub', x - y, sx - sy],
        ] as const) {
          const { rax, rflags } = once(`${name} ${first}, ${second}`, { rax: a, rbx: b });
          const value = BigInt.asUintN(bits, exact);
          expect(BigInt.asUintN(bits, rax)).toBe(value);
          expect((rflags & 1n) !== 0n).toBe(exact !== value);
          expect((rflags & 0x40n) !== 0n).toBe(value === 0n);
          expect((rflags & 0x80n) !== 0n).toBe(BigInt.asIntN(bits, value) < 0n);
          expect((rflags & 0x800n) !== 0n).toBe(BigInt.asIntN(bits, value) !== signed);
        }
      }),
    );
  });

  it('clears the upper half for 32 bits and keeps the rest for 8 and 16', () => {
    const rax = 0x1122334455667788n;
    expect(once('mov eax, 42', { rax }).rax).toBe(42n);
    expect(once('shl eax, 32', { rax }).rax).toBe(0x55667788n);
    expect(once('mov ax, 42', { rax }).rax).toBe(0x112233445566002an);
    expect(once('mov al, 42', { rax }).rax).toBe(0x112233445566772an);
    expect(once('movzx rax, al', { rax }).rax).toBe(0x88n);
    expect(once('mov rax, -2', { rax }).rax).toBe(0xfffffffffffffffen);
  });
});

describe('programs', () => {
  it('runs the first kernel of this machine: mov eax, 42; add eax, 100; ret', () => {
    const ended = run('mov eax, 42\nadd eax, 100\nret', { rsp: 0n });
    expect([ended.registers.rax, ended.steps, eventOf(ended)]).toEqual([142n, 2, { name: 'END' }]);
  });

  it('loops, calls and comes back with the stack as it was', () => {
    const ended = run(`
        mov rcx, 10
        xor eax, eax
again:  push rcx
        call square
        add rax, rdi
        pop rcx
        loop again
        hlt
square: xor edi, edi        ; rdi = rcx * rcx, with additions
        mov rdx, rcx
more:   add rdi, rcx
        dec rdx
        jne more
        ret`);
    expect(eventOf(ended)).toEqual({ name: 'HLT' });
    expect([ended.registers.rax, ended.registers.rcx, ended.registers.rsp]).toEqual([385n, 0n, ORIGIN]);
  });

  it('copies a text byte by byte and counts it', () => {
    const on = memory();
    const ended = run(
      `
        lea rsi, [from]
        mov edi, 0x100
next:   mov al, [rsi]
        mov [rdi], al
        inc rsi
        inc rdi
        test al, al
        jnz next
        sub edi, 0x101
        hlt
from:   db 'SEV-ES', 0`,
      {},
      on,
    );
    expect(ended.registers.rdi).toBe(6n);
    expect(on.self.load(0x100n, 4)).toEqual(ok(0x2d564553n));
  });

  it.each([
    ['jl', -1n, 1n, true],
    ['jl', 1n, -1n, false],
    ['jb', 1n, -1n, true],
    ['jge', 5n, 5n, true],
    ['jg', 5n, 5n, false],
    ['jle', 5n, 5n, true],
    ['ja', -1n, 5n, true],
    ['jbe', 5n, 5n, true],
    ['jae', 4n, 5n, false],
    ['je', 5n, 5n, true],
    ['jne', 5n, 5n, false],
    ['js', 4n, 5n, true],
    ['jns', 4n, 5n, false],
    ['jo', 1n << 63n, 1n, true],
    ['jno', 1n << 63n, 1n, false],
    ['jp', 3n, 0n, true],
    ['jnp', 1n, 0n, true],
  ])('%s after CMP %i, %i: %s', (jump, a, b, taken) => {
    const some = { rax: BigInt.asUintN(64, a), rbx: BigInt.asUintN(64, b) };
    const ended = run(`cmp rax, rbx\n${jump} yes\nhlt\nyes: pause`, some);
    expect(eventOf(ended).name).toBe(taken ? 'PAUSE' : 'HLT');
  });

  it('pushes RSP as it was and pops into RSP what was there', () => {
    expect(once('push rsp', {}).rsp).toBe(ORIGIN - 8n);
    expect(run('push rsp\npop rax\nhlt').registers.rax).toBe(ORIGIN);
    expect(run('mov rbx, 0x500\npush rbx\npop rsp\nhlt').registers.rsp).toBe(0x500n);
  });

  it('moves through XMM0, whose upper half MOVQ clears', () => {
    const ended = run('movq xmm0, rbx\nmovq rax, xmm0\nhlt', { rbx: 77n, xmm0: 2n ** 127n });
    expect([ended.registers.xmm0, ended.registers.rax]).toEqual([77n, 77n]);
    expect(once('pxor xmm0, xmm0', { xmm0: 2n ** 127n }).xmm0).toBe(0n);
  });

  it('sets and clears flags', () => {
    expect(once('sti', { rflags: 2n }).rflags).toBe(0x202n);
    expect(once('cli', { rflags: 0x203n }).rflags).toBe(3n);
    expect(once('stc', { rflags: 2n }).rflags).toBe(3n);
    expect(once('clc', { rflags: 3n }).rflags).toBe(2n);
    expect(once('std', { rflags: 2n }).rflags).toBe(0x402n);
    expect(once('cld', { rflags: 0x402n }).rflags).toBe(2n);
  });

  it('reads XCR0, and nothing else there', () => {
    const some = { xcr0: 0x2_0000_0007n, rcx: 0xffff_ffff_0000_0000n };
    expect(once('xgetbv', some)).toMatchObject({ rax: 7n, rdx: 2n });
    expect(run('xgetbv', { rcx: 1n }).effect).toMatchObject({ ok: false, fault: { name: '#GP' } });
  });

  it('keeps the fixed bits of DR6 and refuses upper ones', () => {
    expect(once('mov dr6, rax', { rax: 0xffffn }).dr6).toBe(0xffffefffn);
    expect(once('mov rax, dr6', { dr6: 0xffff0ff0n }).rax).toBe(0xffff0ff0n);
    const { effect } = run('mov dr6, rax', { rax: 2n ** 32n });
    expect(effect).toMatchObject({ ok: false, fault: { name: '#GP', rule: { id: 'isa.debug-upper' } } });
  });

  it.each(['mov rax, [rbx]', 'mov [rbx], eax', 'inc byte [rbx]', 'push qword', 'pop rax', 'call $', 'ret'])(
    'answers the fault of memory: %s',
    (text) => {
      const { effect } = run(text === 'push qword' ? 'push 1' : text, { rbx: 2n ** 40n, rsp: 2n ** 40n });
      expect(effect).toMatchObject({ ok: false, fault: { name: '#PF' } });
    },
  );
});

describe('events', () => {
  it.each(PLAIN_EVENTS.map((name) => [name.toLowerCase(), { name }]))('%s', (text, event) =>
    expect(eventOf(run(text))).toEqual(event),
  );

  const io = { name: 'IOIO', string: false, rep: false, segment: null };
  const string = { ...io, string: true };
  it.each([
    ['in al, 0x60', { ...io, in: true, size: 1, port: 0x60 }],
    ['in ax, dx', { ...io, in: true, size: 2, port: 0x3f8 }],
    ['in eax, dx', { ...io, in: true, size: 4, port: 0x3f8 }],
    ['out 0x80, al', { ...io, in: false, size: 1, port: 0x80 }],
    ['out 0xff, ax', { ...io, in: false, size: 2, port: 0xff }],
    ['out dx, eax', { ...io, in: false, size: 4, port: 0x3f8 }],
    ['insb', { ...string, in: true, size: 1, port: 0x3f8, segment: 'es' }],
    ['rep outsb', { ...string, in: false, size: 1, port: 0x3f8, segment: 'ds', rep: true }],
    ['outsw', { ...string, in: false, size: 2, port: 0x3f8, segment: 'ds' }],
    ['rep insd', { ...string, in: true, size: 4, port: 0x3f8, segment: 'es', rep: true }],
    ['mov rbx, dr7', { name: 'DR7_READ', register: 'rbx' }],
    ['mov dr7, r9', { name: 'DR7_WRITE', register: 'r9' }],
  ])('%s', (text, event) => expect(eventOf(run(text, { rdx: 0x1_03f8n, rcx: 2n }))).toEqual(event));

  it('does nothing zero times', () => expect(once('rep outsb', { rcx: 0n }).rsi).toBe(0n));
});

describe('every instruction', () => {
  it('runs, becomes an event or is refused, and RIP goes on unless it jumps', () => {
    fc.assert(
      fc.property(formWithOperands, quadword, quadword, ({ form, operands, rep }, rax, rflags) => {
        const before = registers({ rax, rbx: rax, rflags });
        const jumps =
          operands.some(({ kind }) => kind === 'relative') || /^(jmp|call|ret|iretq)$/.test(form.mnemonic);
        const effect = execute({ mnemonic: form.mnemonic, operands, length: 4, rep }, before, memory().self);
        if (!effect.ok || effect.value.kind === 'event') return;
        const after = effect.value.registers;
        if (!jumps) expect(after.rip).toBe(ORIGIN + 4n);
        for (const [name, value] of Object.entries(after))
          expect(value >= 0n && value < 2n ** (name === 'xmm0' ? 128n : 64n)).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });
});
