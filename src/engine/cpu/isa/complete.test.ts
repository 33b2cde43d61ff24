import { describe, expect, it } from 'vitest';
import { ok } from '../../core/fault';
import { RESET_REGISTERS, type Registers } from '../../core/registers';
import {
  advance,
  completeCpuid,
  completeDr7Read,
  completeDr7Write,
  completeEdxEax,
  completeIn,
  completeRdtscp,
  completeString,
  completeXsetbv,
} from './complete';
import type { IoEvent } from './events';

const registers = (some: Partial<Registers>): Registers => ({ ...RESET_REGISTERS, rip: 0x1000n, ...some });
const ONES = 2n ** 64n - 1n;
const IO: IoEvent = { name: 'IOIO', in: true, string: false, rep: false, size: 1, port: 0, segment: null };
const OUTS: IoEvent = { ...IO, in: false, string: true, size: 2, rep: true, segment: 'ds' };

describe('completing an event', () => {
  it('goes on after the instruction', () =>
    expect(advance(registers({}), 3)).toEqual(registers({ rip: 0x1003n })));

  it('gives 64 bits in EDX:EAX and clears the upper halves', () => {
    const before = registers({ rax: ONES, rdx: ONES, rcx: ONES });
    const after = { rax: 0x55667788n, rdx: 0x11223344n, rip: 0x1002n };
    expect(completeEdxEax(before, 2, 0x1122334455667788n)).toEqual({ ...before, ...after });
    expect(completeRdtscp(before, 2, 0x1122334455667788n, 9n)).toEqual({ ...before, ...after, rcx: 9n });
  });

  it('gives four registers of 32 bits for CPUID, with or without a sign', () => {
    const leaf = { eax: 1, ebx: -1, ecx: 0x80000000, edx: 4 };
    expect(completeCpuid(registers({ rax: ONES }), 2, leaf)).toMatchObject({
      rax: 1n,
      rbx: 0xffffffffn,
      rcx: 0x80000000n,
      rdx: 4n,
    });
  });

  it.each([
    [1, 0xffffffffffffff42n],
    [2, 0xffffffffffff1342n],
    [4, 0x11121342n],
  ] as const)('puts %i bytes of a port into RAX', (size, rax) =>
    expect(completeIn(registers({ rax: ONES }), 1, { ...IO, size }, 0x11121342n).rax).toBe(rax),
  );

  it('moves strings by the direction flag and counts', () => {
    const before = registers({ rsi: 0x100n, rdi: 0x200n, rcx: 5n });
    expect(completeString(before, 2, OUTS, 3)).toEqual({ ...before, rsi: 0x106n, rcx: 2n });
    expect(completeString(before, 2, OUTS, 5)).toEqual({ ...before, rsi: 0x10an, rcx: 0n, rip: 0x1002n });
    const down = { ...before, rflags: 0x402n };
    const one: IoEvent = { ...OUTS, in: true, size: 4, rep: false };
    expect(completeString(down, 1, one, 1)).toEqual({ ...down, rdi: 0x1fcn, rip: 0x1001n });
  });

  it('reads and writes DR7 with its fixed bits', () => {
    const before = registers({ rbx: 0xffffffffn, rcx: 2n ** 32n });
    expect(completeDr7Read(before, 3, 'rax').rax).toBe(0x400n);
    expect(completeDr7Write(before, 3, 'rbx')).toEqual(ok({ ...before, dr7: 0xffff27ffn, rip: 0x1003n }));
    expect(completeDr7Write(before, 3, 'rcx')).toMatchObject({ ok: false, fault: { name: '#GP' } });
  });

  it.each([
    ['x87 and SSE', { rax: 3n }, 3n],
    ['AVX too', { rax: 7n, rcx: 2n ** 32n }, 7n],
    ['another register', { rax: 7n, rcx: 1n }, null],
    ['AVX without SSE', { rax: 5n }, null],
    ['without x87', { rax: 2n }, null],
    ['a bit that is not there', { rax: 0x207n }, null],
  ])('XSETBV: %s', (_, some, xcr0) => {
    const before = registers(some);
    const after = completeXsetbv(before, 3, 7n);
    if (xcr0 === null) expect(after).toMatchObject({ ok: false, fault: { name: '#GP' } });
    else expect(after).toEqual(ok({ ...before, xcr0, rip: 0x1003n }));
  });
});
