import { createECDH, createHash, createPublicKey, verify } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromHex, toHex } from '../../core/bytes';
import { bigFrom, bytesFrom } from './bigint';
import { ecdhX, ecdsaSign, ecdsaVerify, isOnCurve, keyPairFrom, keyPairOf, type PublicPoint } from './ecc';
import vectors from './vectors/sev-measurement.json';

/** RFC 6979 A.2.6. */
const RFC_KEY = keyPairOf(
  fromHex('6b9d3dad2e1b8c1c05b19875b6659f4de23c3b667bf297ba9aa47740787137d896d5724e4c70a825f872c9ea60d2edf5'),
);
const PRIME = 2n ** 384n - 2n ** 128n - 2n ** 96n + 2n ** 32n - 1n;
const ORDER = BigInt(
  '0xffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973',
);

const ascii = (text: string) => new TextEncoder().encode(text);
const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
const keyPairs = bytes(56).map(keyPairFrom);
const HASHES = ['sha256', 'sha384'] as const;

const nodeKey = ({ x, y }: PublicPoint) =>
  createPublicKey({
    format: 'jwk',
    key: {
      kty: 'EC',
      crv: 'P-384',
      x: Buffer.from(x).toString('base64url'),
      y: Buffer.from(y).toString('base64url'),
    },
  });

describe('key pairs', () => {
  it('come from a seed as 1 + n mod (order − 1)', () => {
    const secretOf = (n: bigint) => bigFrom(keyPairFrom(bytesFrom(n, 56, 'little')).secret, 'big');
    expect(secretOf(0n)).toBe(1n);
    expect(secretOf(ORDER - 2n)).toBe(ORDER - 1n);
    expect(secretOf(ORDER - 1n)).toBe(1n);
    expect(secretOf(2n ** 448n - 1n)).toBe(1n + ((2n ** 448n - 1n) % (ORDER - 1n)));
  });

  it('have the public points that another implementation computes', () => {
    fc.assert(
      fc.property(bytes(56), (seed) => {
        const { secret, x, y } = keyPairFrom(seed);
        const other = createECDH('secp384r1');
        other.setPrivateKey(secret);
        expect(`04${toHex(x)}${toHex(y)}`).toBe(other.getPublicKey('hex'));
        expect(isOnCurve(x, y)).toBe(true);
      }),
      { numRuns: 10 },
    );
  });

  it.each([
    ['zero', 0n],
    ['the order', ORDER],
  ])('refuse %s as a secret', (_, n) => {
    expect(() => keyPairOf(bytesFrom(n, 48, 'big'))).toThrow();
  });
});

describe('a point', () => {
  const { x, y } = RFC_KEY;
  const zeros = new Uint8Array(48);
  const moreThanPrime = bytesFrom(PRIME, 48, 'big');

  it.each([
    ['with a flipped bit', x, y.map((byte, i) => (i === 47 ? byte ^ 1 : byte))],
    ['of zeros', zeros, zeros],
    ['with coordinates swapped', y, x],
    ['with a coordinate not below the prime', moreThanPrime, y],
    ['that is too short', x.slice(1), y],
    ['that is too long', x, Uint8Array.of(0, ...y)],
  ])('%s is not on the curve, and nothing is agreed with it', (_, badX, badY) => {
    expect(isOnCurve(badX, badY)).toBe(false);
    expect(ecdhX(RFC_KEY.secret, badX, badY)).toBe(null);
    const message = ascii('sample');
    const signature = ecdsaSign(RFC_KEY.secret, message, 'sha256');
    expect(ecdsaVerify({ x: badX, y: badY }, message, 'sha256', signature)).toBe(false);
  });
});

describe('key agreement', () => {
  it.each(vectors.sessions)('gives the z of $id to both sides', (c) => {
    const of = (secret: string, { x, y }: { x: string; y: string }) =>
      toHex(ecdhX(fromHex(secret), fromHex(x), fromHex(y)) ?? new Uint8Array(0));
    expect(of(c.guest_owner_private_d, c.pdh_public)).toBe(c.ecdh_z);
    expect(of(c.pdh_private_d, c.guest_owner_public)).toBe(c.ecdh_z);
  });
});

describe('signatures', () => {
  it.each([
    [
      'sample',
      'sha256',
      '21b13d1e013c7fa1392d03c5f99af8b30c570c6f98d4ea8e354b63a21d3daa33bde1e888e63355d92fa2b3c36d8fb2cd',
      'f3aa443fb107745bf4bd77cb3891674632068a10ca67e3d45db2266fa7d1feebefdc63eccd1ac42ec0cb8668a4fa0ab0',
    ],
    [
      'sample',
      'sha384',
      '94edbb92a5ecb8aad4736e56c691916b3f88140666ce9fa73d64c4ea95ad133c81a648152e44acf96e36dd1e80fabe46',
      '99ef4aeb15f178cea1fe40db2603138f130e740a19624526203b6351d0a3a94fa329c145786e679e7b82c71a38628ac8',
    ],
  ] as const)('of "%s" with %s are those of RFC 6979', (text, hash, r, s) => {
    const signature = ecdsaSign(RFC_KEY.secret, ascii(text), hash);
    expect({ r: toHex(signature.r), s: toHex(signature.s) }).toEqual({ r, s });
  });

  it('hold for another implementation too, and for no other message, key, hash or signature', () => {
    fc.assert(
      fc.property(
        keyPairs,
        keyPairs,
        fc.uint8Array({ minLength: 1, maxLength: 200 }),
        fc.constantFrom(...HASHES),
        fc.nat(767),
        (key, other, message, hash, bit) => {
          const signature = ecdsaSign(key.secret, message, hash);
          const joined = Buffer.concat([signature.r, signature.s]);
          expect(verify(hash, message, { key: nodeKey(key), dsaEncoding: 'ieee-p1363' }, joined)).toBe(true);
          expect(ecdsaVerify(key, message, hash, signature)).toBe(true);

          joined[bit >> 3] = (joined[bit >> 3] ?? 0) ^ (1 << (bit & 7));
          const flipped = { r: joined.subarray(0, 48), s: joined.subarray(48) };
          const longer = Uint8Array.of(...message, 0);
          expect(ecdsaVerify(key, message, hash, flipped)).toBe(false);
          expect(ecdsaVerify(key, longer, hash, signature)).toBe(false);
          expect(ecdsaVerify(other, message, hash, signature)).toBe(toHex(other.x) === toHex(key.x));
          expect(ecdsaVerify(key, message, hash === 'sha256' ? 'sha384' : 'sha256', signature)).toBe(false);
        },
      ),
      { numRuns: 10 },
    );
  });

  it('may have a high s: order − s belongs to the same message', () => {
    const message = ascii('either half');
    for (const hash of HASHES) {
      const { r, s } = ecdsaSign(RFC_KEY.secret, message, hash);
      const mirrored = bytesFrom(ORDER - bigFrom(s, 'big'), 48, 'big');
      expect(ecdsaVerify(RFC_KEY, message, hash, { r, s: mirrored })).toBe(true);
    }
  });

  it('with r or s of zero, of the order, or of the wrong length are refused', () => {
    const message = ascii('bounds');
    const { r, s } = ecdsaSign(RFC_KEY.secret, message, 'sha384');
    const order = bytesFrom(ORDER, 48, 'big');
    const zero = new Uint8Array(48);
    for (const bad of [zero, order, new Uint8Array(48).fill(255), new Uint8Array(47), new Uint8Array(0)]) {
      expect(ecdsaVerify(RFC_KEY, message, 'sha384', { r: bad, s })).toBe(false);
      expect(ecdsaVerify(RFC_KEY, message, 'sha384', { r, s: bad })).toBe(false);
    }
    expect(createHash('sha384').update(message).digest()).toHaveLength(48);
  });
});
