import type { Size } from '../instructions';
import type { Condition } from '../table/flow';
import { CONDITIONS } from '../table/flow';

/** Bits of RFLAGS (APM vol. 1 §3.1.4, vol. 2 §3.1.6). */
export const FLAG = {
  carry: 1n,
  parity: 1n << 2n,
  adjust: 1n << 4n,
  zero: 1n << 6n,
  sign: 1n << 7n,
  interrupt: 1n << 9n,
  direction: 1n << 10n,
  overflow: 1n << 11n,
} as const;

const { carry, parity, adjust, zero, sign, overflow } = FLAG;
const ARITHMETIC = carry | parity | adjust | zero | sign | overflow;

export const bit = (value: bigint, number: number): bigint => (value >> BigInt(number)) & 1n;

const evenOnes = (byte: number): boolean => {
  const halves = byte ^ (byte >> 4);
  return ((0x9669 >> (halves & 15)) & 1) === 1;
};

export interface Carries {
  readonly carry: bigint;
  readonly adjust: bigint;
  readonly overflow: bigint;
}

/** RFLAGS after a result of `size` bytes; the three that do not follow from it are 0 or 1. */
export function flagsAfter(rflags: bigint, value: bigint, size: Size, carries: Carries): bigint {
  return (
    (rflags & ~ARITHMETIC) |
    (carries.carry && carry) |
    (evenOnes(Number(value & 0xffn)) ? parity : 0n) |
    (carries.adjust && adjust) |
    (value === 0n ? zero : 0n) |
    (bit(value, 8 * size - 1) && sign) |
    (carries.overflow && overflow)
  );
}

/** Whether a conditional jump is taken: eight conditions and their opposites, by number (APM vol. 3 Jcc). */
export function holds(condition: Condition, rflags: bigint): boolean {
  const is = (flag: bigint): boolean => (rflags & flag) !== 0n;
  const number = CONDITIONS.indexOf(condition);
  const less = is(sign) !== is(overflow);
  const answers = [
    is(overflow),
    is(carry),
    is(zero),
    is(carry) || is(zero),
    is(sign),
    is(parity),
    less,
    less || is(zero),
  ];
  return (answers[number >> 1] ?? false) !== (number % 2 === 1);
}
