import type { AsidRange } from './ranges';

/** A bitmap as the ascending list of its set bits: plain data, and short, since few of many numbers are in use. */
type Bits = readonly number[];

/** The lowest clear bit of a range, or null. */
export function freeIn(bits: Bits, [first, last]: AsidRange): number | null {
  let candidate = first;
  for (const bit of bits) {
    if (bit < candidate) continue;
    if (bit > candidate) break;
    candidate++;
  }
  return candidate <= last ? candidate : null;
}

export const insert = (bits: Bits, bit: number): Bits =>
  bits.includes(bit) ? bits : [...bits, bit].sort((a, b) => a - b);

export const without = (bits: Bits, bit: number): Bits => bits.filter((other) => other !== bit);
