import { constants, createHash, generateKeyPairSync, sign } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { bigFrom, bytesFrom } from './bigint';
import { rsaPssVerify } from './rsa';

const HASHES = ['sha256', 'sha384'] as const;
const BITS = 2048;
const LENGTH = BITS / 8;
const { privateKey } = generateKeyPairSync('rsa', { modulusLength: BITS });
const numbers = privateKey.export({ format: 'jwk' });
const [modulus, exponent, secret] = [numbers.n, numbers.e, numbers.d].map((text) =>
  bigFrom(Buffer.from(text ?? '', 'base64url'), 'big'),
) as [bigint, bigint, bigint];
const key = { modulus, exponent };
const message = new TextEncoder().encode('a certificate');

const digest = (...parts: Uint8Array[]) => createHash('sha256').update(Buffer.concat(parts)).digest();

function power(base: bigint, by: bigint): bigint {
  let [result, square] = [1n, base];
  for (let rest = by; rest > 0n; rest >>= 1n, square = (square * square) % modulus)
    if (rest & 1n) result = (result * square) % modulus;
  return result;
}

/** Everything in an encoded message that a forger may get wrong. */
interface Encoding {
  readonly salt: Uint8Array;
  readonly padding: number;
  readonly separator: number;
  readonly end: number;
  readonly topBit: boolean;
}

/** An encoded message (RFC 8017 §9.1.1), written apart from the code that is tested. */
function encode({ salt, padding, separator, end, topBit }: Encoding): bigint {
  const hash = digest(new Uint8Array(8), digest(message), salt);
  const db = new Uint8Array(LENGTH - 33);
  db.set(Uint8Array.of(separator, ...salt), db.length - salt.length - 1);
  db[5] = padding;
  for (let i = 0; i < db.length; i++)
    db[i] = (db[i] ?? 0) ^ (digest(hash, Uint8Array.of(0, 0, 0, i >> 5))[i & 31] ?? 0);
  db[0] = ((db[0] ?? 0) & 0x7f) | (topBit ? 0x80 : 0);
  return bigFrom(Uint8Array.of(...db, ...hash, end), 'big');
}

const GOOD: Encoding = { salt: new Uint8Array(32), padding: 0, separator: 1, end: 0xbc, topBit: false };

/** A forged signature; other salts are tried until the number is below the modulus. */
function forge(change: Partial<Encoding>): Uint8Array {
  for (let n = 0; ; n++) {
    const salt = (change.salt ?? GOOD.salt).map((byte, i) => (i === 0 ? n : byte));
    const encoded = encode({ ...GOOD, ...change, salt });
    if (encoded < modulus) return bytesFrom(power(encoded, secret), LENGTH, 'big');
  }
}

describe('RSA-PSS', () => {
  it.each(HASHES)(
    'with %s holds for what another implementation signed, for its message and key only',
    (hash) => {
      const other = hash === 'sha256' ? 'sha384' : 'sha256';
      const options = {
        padding: constants.RSA_PKCS1_PSS_PADDING,
        saltLength: constants.RSA_PSS_SALTLEN_DIGEST,
      };
      const signature = sign(hash, message, { key: privateKey, ...options });
      expect(rsaPssVerify(key, message, hash, signature)).toBe(true);
      expect(rsaPssVerify(key, message, other, signature)).toBe(false);
      expect(rsaPssVerify(key, message.subarray(1), hash, signature)).toBe(false);
      expect(rsaPssVerify({ modulus, exponent: 3n }, message, hash, signature)).toBe(false);
      expect(rsaPssVerify({ modulus: modulus - 2n, exponent }, message, hash, signature)).toBe(false);
      const short = sign(hash, message, { key: privateKey, ...options, saltLength: 20 });
      expect(rsaPssVerify(key, message, hash, short)).toBe(false);
    },
  );

  it('accepts an encoding by hand and refuses each way to get it wrong', () => {
    const holds = (change: Partial<Encoding>) => rsaPssVerify(key, message, 'sha256', forge(change));
    expect(holds({})).toBe(true);
    expect(holds({ padding: 1 })).toBe(false);
    expect(holds({ separator: 2 })).toBe(false);
    expect(holds({ end: 0xbd })).toBe(false);
    expect(holds({ topBit: true })).toBe(false);
    expect(holds({ salt: new Uint8Array(31) })).toBe(false);
  });

  it('refuses numbers that are no signature at all', () => {
    for (const n of [0n, 1n, modulus - 1n, modulus, 2n ** 2048n - 1n])
      expect(rsaPssVerify(key, message, 'sha256', bytesFrom(n, LENGTH, 'big'))).toBe(false);
    expect(rsaPssVerify({ modulus: 0n, exponent: 0n }, message, 'sha256', new Uint8Array(LENGTH))).toBe(
      false,
    );
    expect(rsaPssVerify({ modulus: 3233n, exponent: 17n }, message, 'sha256', Uint8Array.of(7))).toBe(false);
  });
});
