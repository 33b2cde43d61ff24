import { hmac } from '@noble/hashes/hmac.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { concatBytes } from '@noble/hashes/utils.js';
import { u32 } from '../../core/bytes';

const BLOCK = 32;
const SEPARATOR = new Uint8Array(1);

/**
 * The firmware's one key derivation function: SP 800-108 in counter mode with HMAC-SHA-256, where counter and length are
 * little-endian, unlike in most other implementations (AMD-ASPFW nist_kdf.c).
 * @param label ASCII without its end; the few labels that carry a final NUL spell it out.
 * @param length bytes wanted.
 */
export function kdf(
  key: Uint8Array,
  label: string | Uint8Array,
  context: Uint8Array,
  length: number,
): Uint8Array {
  const name = typeof label === 'string' ? new TextEncoder().encode(label) : label;
  const out = new Uint8Array(Math.ceil(length / BLOCK) * BLOCK);
  for (let i = 0; i * BLOCK < length; i++) {
    const block = hmac(sha256, key, concatBytes(u32(i + 1), name, SEPARATOR, context, u32(8 * length)));
    out.set(block, i * BLOCK);
  }
  return out.subarray(0, length);
}
