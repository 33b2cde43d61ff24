import { hmac } from '@noble/hashes/hmac.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { concatBytes } from '@noble/hashes/utils.js';
import { bytesFrom } from './bigint';

const BLOCK = 32;
const SEPARATOR = new Uint8Array(1);

/**
 * The firmware's one key derivation function: SP 800-108 in counter mode with HMAC-SHA-256, where counter and length are
 * little-endian (AMD-ASPFW nist_kdf.c).
 * @param label ASCII without its end; the few labels that carry a final NUL spell it out.
 * @param length bytes wanted.
 * @param order of counter and length; `big` is how the standard is usually read, and only there to compare.
 */
export function kdf(
  key: Uint8Array,
  label: string | Uint8Array,
  context: Uint8Array,
  length: number,
  order: 'little' | 'big' = 'little',
): Uint8Array {
  const name = typeof label === 'string' ? new TextEncoder().encode(label) : label;
  const number = (value: number) => bytesFrom(BigInt(value), 4, order);
  const out = new Uint8Array(Math.ceil(length / BLOCK) * BLOCK);
  for (let i = 0; i * BLOCK < length; i++) {
    const input = concatBytes(number(i + 1), name, SEPARATOR, context, number(8 * length));
    out.set(hmac(sha256, key, input), i * BLOCK);
  }
  return out.subarray(0, length);
}
