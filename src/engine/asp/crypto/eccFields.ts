import { concatBytes } from '@noble/hashes/utils.js';
import { readU32, u32 } from '../../core/bytes';
import { bigFrom, bytesFrom } from './bigint';
import { ECC_BYTES, type EcdsaSignature, isOnCurve, type PublicPoint } from './ecc';

/** Bytes of a public key as the firmware writes it: the number of the curve, QX, QY, zeros (AMD-ASPFW ecc.h). */
export const KEY_BYTES = 0x404;
/** Bytes of a signature: R, S, zeros (AMD-ASPFW ecdsa.h). An RSA signature has as much room. */
export const SIGNATURE_BYTES = 0x200;

/** Room for a number of a curve, little-endian; P-384 fills 48 bytes of it. */
const NUMBER_BYTES = 72;
const P384 = 2;

const encodeNumber = (number: Uint8Array): Uint8Array =>
  bytesFrom(bigFrom(number, 'big'), NUMBER_BYTES, 'little');

/** The number in such a field as 48 bytes, big-endian; null when it is longer. */
function decodeNumber(bytes: Uint8Array, at: number): Uint8Array | null {
  const tail = bytes.subarray(at + ECC_BYTES, at + NUMBER_BYTES);
  return tail.every((byte) => byte === 0) ? bytes.slice(at, at + ECC_BYTES).reverse() : null;
}

/** A point of P-384 as a key of 1028 bytes. */
export function encodePoint({ x, y }: PublicPoint): Uint8Array {
  const key = new Uint8Array(KEY_BYTES);
  key.set(concatBytes(u32(P384), encodeNumber(x), encodeNumber(y)));
  return key;
}

/** The point of a key of 1028 bytes; null when the key names another curve or is not on it (AMD-ASPFW ecc.c). */
export function decodePoint(key: Uint8Array): PublicPoint | null {
  const x = decodeNumber(key, 4);
  const y = decodeNumber(key, 4 + NUMBER_BYTES);
  return readU32(key, 0) === P384 && x && y && isOnCurve(x, y) ? { x, y } : null;
}

/** A signature as 512 bytes. */
export function encodeSignature({ r, s }: EcdsaSignature): Uint8Array {
  const value = new Uint8Array(SIGNATURE_BYTES);
  value.set(concatBytes(encodeNumber(r), encodeNumber(s)));
  return value;
}

/** R and S of 512 bytes; null when one is longer than 48 bytes. */
export function decodeSignature(value: Uint8Array): EcdsaSignature | null {
  const r = decodeNumber(value, 0);
  const s = decodeNumber(value, NUMBER_BYTES);
  return r && s && { r, s };
}
