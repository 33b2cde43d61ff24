import { fromHex, toHex } from '../../core/bytes';

type Order = 'little' | 'big';

const bigEndian = (bytes: Uint8Array, order: Order): Uint8Array =>
  order === 'big' ? bytes : bytes.slice().reverse();

/** The number that the bytes spell. */
export const bigFrom = (bytes: Uint8Array, order: Order): bigint =>
  BigInt(`0x0${toHex(bigEndian(bytes, order))}`);

/** A number as exactly `length` bytes. @throws RangeError when it needs more. */
export function bytesFrom(value: bigint, length: number, order: Order): Uint8Array {
  const digits = value.toString(16).padStart(2 * length, '0');
  if (digits.length > 2 * length)
    throw new RangeError(`${digits.length / 2} bytes do not fit into ${length}`);
  return bigEndian(fromHex(digits), order);
}
