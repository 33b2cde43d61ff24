const LONG = /^[ \t\n\v\f\r]*([+-]?)(0[xX][0-9a-fA-F]+|0[0-7]*|[1-9][0-9]*)/;
const LONG_MAX = 2n ** 63n - 1n;

/**
 * The C library's `strtol(text, &end, 0)` with a 64-bit `long`: base by prefix, blanks and a sign before it.
 * @returns the number; whether it was the whole text; whether it left the range. Beyond 2^53 it is rounded.
 */
export function strtol(text: string): { value: number; whole: boolean; outOfRange: boolean } {
  const match = LONG.exec(text);
  if (!match) return { value: 0, whole: false, outOfRange: false };
  const [all, sign, digits = '0'] = match;
  const size = BigInt(/^0[0-7]/.test(digits) ? `0o${digits.slice(1)}` : digits);
  const value = sign === '-' ? -size : size;
  const outOfRange = value > LONG_MAX || value < -LONG_MAX - 1n;
  return { value: Number(value), whole: all.length === text.length, outOfRange };
}
