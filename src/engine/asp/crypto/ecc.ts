import { ecdsa } from '@noble/curves/abstract/weierstrass.js';
import { p384 } from '@noble/curves/nist.js';
import { sha256, sha384 } from '@noble/hashes/sha2.js';
import { concatBytes } from '@noble/hashes/utils.js';
import { bigFrom, bytesFrom } from './bigint';

/** Bytes of a P-384 number. */
export const ECC_BYTES = 48;

/** A point of P-384; coordinates as 48 bytes, big-endian. */
export interface PublicPoint {
  readonly x: Uint8Array;
  readonly y: Uint8Array;
}

export interface KeyPair extends PublicPoint {
  /** 48 bytes, big-endian, from 1 to the group's order − 1. */
  readonly secret: Uint8Array;
}

/** An ECDSA signature; both numbers as 48 bytes, big-endian. */
export interface EcdsaSignature {
  readonly r: Uint8Array;
  readonly s: Uint8Array;
}

export type EcdsaHash = 'sha256' | 'sha384';

const { Point } = p384;
const ORDER = Point.Fn.ORDER;

/** The firmware takes high `s` as it comes, so nothing is normalised. */
const SCHEMES = {
  sha256: ecdsa(Point, sha256, { lowS: false }),
  sha384: ecdsa(Point, sha384, { lowS: false }),
};

/**
 * A key pair from a seed: secret = 1 + n mod (order − 1) (AMD-ASPFW ecc.c; FIPS 186-4 B.4.1).
 * @param seed 56 bytes, read as a little-endian number n.
 */
export function keyPairFrom(seed: Uint8Array): KeyPair {
  const secret = 1n + (bigFrom(seed, 'little') % (ORDER - 1n));
  return keyPairOf(bytesFrom(secret, ECC_BYTES, 'big'));
}

/** The key pair of a secret (48 bytes, big-endian). @throws Error for 0 and for the order or more. */
export function keyPairOf(secret: Uint8Array): KeyPair {
  const point = p384.getPublicKey(secret, false);
  return { secret, x: point.slice(1, 1 + ECC_BYTES), y: point.slice(1 + ECC_BYTES) };
}

/** Is that a point of P-384: y² = x³ + ax + b, with both coordinates below the prime? (AMD-ASPFW ecc.c) */
export const isOnCurve = (x: Uint8Array, y: Uint8Array): boolean => pointOf(x, y) !== null;

function pointOf(x: Uint8Array, y: Uint8Array): InstanceType<typeof Point> | null {
  if (x.length !== ECC_BYTES || y.length !== ECC_BYTES) return null;
  try {
    const point = Point.fromAffine({ x: bigFrom(x, 'big'), y: bigFrom(y, 'big') });
    point.assertValidity();
    return point;
  } catch {
    return null;
  }
}

/**
 * What both sides of a key agreement get: the x coordinate of secret × (x, y), 48 bytes big-endian (AMD-ASPFW ecdh.c);
 * null when the point is not on the curve. Nobody can measure how long a simulated chip takes, so the quicker way will do.
 */
export function ecdhX(secret: Uint8Array, x: Uint8Array, y: Uint8Array): Uint8Array | null {
  const shared = pointOf(x, y)?.multiplyUnsafe(bigFrom(secret, 'big')).toAffine();
  return shared ? bytesFrom(shared.x, ECC_BYTES, 'big') : null;
}

/** Signs with the nonce of RFC 6979, so that equal inputs give equal signatures; the firmware draws it at random. */
export function ecdsaSign(secret: Uint8Array, message: Uint8Array, hash: EcdsaHash): EcdsaSignature {
  const signature = SCHEMES[hash].sign(message, secret);
  return { r: signature.slice(0, ECC_BYTES), s: signature.slice(ECC_BYTES) };
}

/** Was `message` signed by that key? Also false for a point off the curve and for r or s outside 1…order − 1. */
export function ecdsaVerify(
  { x, y }: PublicPoint,
  message: Uint8Array,
  hash: EcdsaHash,
  { r, s }: EcdsaSignature,
): boolean {
  if (!isOnCurve(x, y) || r.length !== ECC_BYTES || s.length !== ECC_BYTES) return false;
  return SCHEMES[hash].verify(concatBytes(r, s), message, concatBytes(UNCOMPRESSED, x, y));
}

const UNCOMPRESSED = Uint8Array.of(4);
