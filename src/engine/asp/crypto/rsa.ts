import { sha256, sha384 } from '@noble/hashes/sha2.js';
import { concatBytes } from '@noble/hashes/utils.js';
import { bytesEqual } from '../../core/bytes';
import { bigFrom, bytesFrom } from './bigint';

/** An RSA public key. */
export interface RsaKey {
  readonly modulus: bigint;
  readonly exponent: bigint;
}

type Hash = typeof sha256 | typeof sha384;

/** base^exponent mod modulus, by squaring. */
function powerMod(base: bigint, exponent: bigint, modulus: bigint): bigint {
  let result = 1n;
  let square = base % modulus;
  for (let rest = exponent; rest > 0n; rest >>= 1n) {
    if (rest & 1n) result = (result * square) % modulus;
    square = (square * square) % modulus;
  }
  return result;
}

/** A mask of `length` bytes (RFC 8017 B.2.1). */
function mgf1(hash: Hash, seed: Uint8Array, length: number): Uint8Array {
  const blocks = Array.from({ length: Math.ceil(length / hash.outputLen) }, (_, i) =>
    hash(concatBytes(seed, Uint8Array.of(i >>> 24, i >>> 16, i >>> 8, i))),
  );
  return concatBytes(...blocks).subarray(0, length);
}

const PSS_END = 0xbc;
const EIGHT_ZEROS = new Uint8Array(8);

/**
 * RSASSA-PSS with MGF1 of the same hash and a salt as long as the hash (RFC 8017 §8.1.2, §9.1.2; AMD-ASPFW rsa.c).
 * @param signature big-endian, as long as the modulus.
 */
export function rsaPssVerify(
  { modulus, exponent }: RsaKey,
  message: Uint8Array,
  hashName: 'sha256' | 'sha384',
  signature: Uint8Array,
): boolean {
  const hash = hashName === 'sha256' ? sha256 : sha384;
  const salt = hash.outputLen;
  const bits = modulus.toString(2).length - 1;
  const length = Math.ceil(bits / 8);
  const value = bigFrom(signature, 'big');
  if (value >= modulus || length < hash.outputLen + salt + 2) return false;
  const encoded = powerMod(value, exponent, modulus);
  if (encoded >> BigInt(bits) !== 0n) return false;

  const bytes = bytesFrom(encoded, length, 'big');
  const split = length - hash.outputLen - 1;
  const digest = bytes.subarray(split, -1);
  const mask = mgf1(hash, digest, split);
  const db = bytes.subarray(0, split).map((byte, i) => byte ^ (mask[i] ?? 0));
  db[0] = (db[0] ?? 0) & (0xff >> (8 * length - bits));
  const zeros = split - salt - 1;
  const wellFormed =
    bytes[length - 1] === PSS_END && db[zeros] === 1 && db.subarray(0, zeros).every((byte) => byte === 0);
  const expected = hash(concatBytes(EIGHT_ZEROS, hash(message), db.subarray(zeros + 1)));
  return wellFormed && bytesEqual(digest, expected);
}
