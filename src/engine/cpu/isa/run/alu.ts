import type { Size } from '../instructions';
import { bit, FLAG, flagsAfter } from './flags';

/** A result of `size` bytes and RFLAGS after it. */
export interface Result {
  readonly value: bigint;
  readonly rflags: bigint;
}

/** Operands without a sign, of `size` bytes. */
type Operation = (a: bigint, b: bigint, size: Size, rflags: bigint) => Result;

/** a + b + c with all flags (APM vol. 1 §3.1.4). */
function sum(a: bigint, b: bigint, c: bigint, size: Size, rflags: bigint): Result {
  const bits = 8 * size;
  const value = BigInt.asUintN(bits, a + b + c);
  return {
    value,
    rflags: flagsAfter(rflags, value, size, {
      carry: bit(a + b + c, bits),
      adjust: bit(a ^ b ^ value, 4),
      overflow: bit((a ^ value) & (b ^ value), bits - 1),
    }),
  };
}

/** a - b - c with all flags; the carry is the borrow. */
function difference(a: bigint, b: bigint, c: bigint, size: Size, rflags: bigint): Result {
  const bits = 8 * size;
  const value = BigInt.asUintN(bits, a - b - c);
  return {
    value,
    rflags: flagsAfter(rflags, value, size, {
      carry: a < b + c ? 1n : 0n,
      adjust: bit(a ^ b ^ value, 4),
      overflow: bit((a ^ b) & (a ^ value), bits - 1),
    }),
  };
}

/** Carry and overflow become 0; AF is undefined in the manual and 0 here, as EPYC processors do. */
const logic = (value: bigint, size: Size, rflags: bigint): Result => ({
  value,
  rflags: flagsAfter(rflags, value, size, { carry: 0n, adjust: 0n, overflow: 0n }),
});

const carryOf = (rflags: bigint): bigint => rflags & FLAG.carry;

/** The operations of two operands by the names of their instructions. */
export const OPERATIONS = {
  add: (a, b, size, rflags) => sum(a, b, 0n, size, rflags),
  adc: (a, b, size, rflags) => sum(a, b, carryOf(rflags), size, rflags),
  sub: (a, b, size, rflags) => difference(a, b, 0n, size, rflags),
  sbb: (a, b, size, rflags) => difference(a, b, carryOf(rflags), size, rflags),
  cmp: (a, b, size, rflags) => difference(a, b, 0n, size, rflags),
  and: (a, b, size, rflags) => logic(a & b, size, rflags),
  test: (a, b, size, rflags) => logic(a & b, size, rflags),
  or: (a, b, size, rflags) => logic(a | b, size, rflags),
  xor: (a, b, size, rflags) => logic(a ^ b, size, rflags),
} as const satisfies Record<string, Operation>;

const keepCarry = (result: Result, rflags: bigint): Result => ({
  ...result,
  rflags: (result.rflags & ~FLAG.carry) | carryOf(rflags),
});

/** INC and DEC leave the carry as it was (APM vol. 3 INC, DEC). */
export const oneMore = (a: bigint, size: Size, rflags: bigint): Result =>
  keepCarry(sum(a, 1n, 0n, size, rflags), rflags);
export const oneLess = (a: bigint, size: Size, rflags: bigint): Result =>
  keepCarry(difference(a, 1n, 0n, size, rflags), rflags);

export const negate = (a: bigint, size: Size, rflags: bigint): Result => difference(0n, a, 0n, size, rflags);

/**
 * Shifts by `count` modulo 32, or 64 for 8 bytes; by 0 changes nothing (APM vol. 3 SHL, SHR, SAR). AF is undefined in the
 * manual and set here, as EPYC processors do; so is OF for other counts than 1, where it is as after the last single step.
 */
export function shift(
  name: 'shl' | 'shr' | 'sar',
  a: bigint,
  count: number,
  size: Size,
  rflags: bigint,
): Result {
  const bits = 8 * size;
  const by = count & (size === 8 ? 63 : 31);
  if (by === 0) return { value: a, rflags };
  const signed = name === 'sar' ? BigInt.asIntN(bits, a) : a;
  const moved = name === 'shl' ? a << BigInt(by) : signed >> BigInt(by);
  const value = BigInt.asUintN(bits, moved);
  const carry = name === 'shl' ? bit(moved, bits) : bit(signed, by - 1);
  const top = bit(value, bits - 1);
  const overflow = name === 'shl' ? top ^ carry : name === 'shr' ? top ^ bit(value, bits - 2) : 0n;
  return { value, rflags: flagsAfter(rflags, value, size, { carry, adjust: 1n, overflow }) };
}
