import { sha256 } from '@noble/hashes/sha2.js';
import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { fromHex, toHex } from '../core/bytes';
import { ENCRYPTION_MODES, type EncryptionMode } from '../core/encryption';
import { AesEngine } from './aes';
import { MODES } from './modes';
import vectors from './vectors/aes-xex.json';
import blockMove from './vectors/block-move.json';

const NO_KEY = new Uint8Array(0);

function engine(mode: string, key: string, tweakKey?: string): AesEngine {
  return new AesEngine(mode as EncryptionMode, {
    key: fromHex(key),
    tweakKey: tweakKey ? fromHex(tweakKey) : NO_KEY,
  });
}

const xor = (...parts: Uint8Array[]): Uint8Array =>
  Uint8Array.from(parts[0] ?? [], (_, i) => parts.reduce((sum, part) => sum ^ (part[i] ?? 0), 0));

describe('known ciphertexts', () => {
  for (const c of vectors.cases) {
    it(c.id, () => {
      const aes = engine(c.mode, c.key, c.key2);
      const pa = Number(c.pa);
      expect(toHex(aes.encrypt(pa, fromHex(c.plaintext)))).toBe(c.ciphertext);
      expect(toHex(aes.decrypt(pa, fromHex(c.ciphertext)))).toBe(c.plaintext);
      if (c.tweaks) expect(toHex(aes.tweak(pa, c.plaintext.length / 2))).toBe(c.tweaks.join(''));
    });
    if (c.page_ciphertext_sha256) {
      it(`${c.id}, its whole page`, () => {
        const offset = Number(c.pa) % 4096;
        const page = new Uint8Array(4096);
        page.set(fromHex(c.plaintext), offset);
        const ciphertext = engine(c.mode, c.key, c.key2).encrypt(Number(c.pa) - offset, page);
        expect(toHex(sha256(ciphertext))).toBe(c.page_ciphertext_sha256);
      });
    }
  }

  for (const c of vectors.wrong_key) {
    it(c.id, () => {
      const pa = Number(c.pa);
      const ciphertext = engine(c.mode, c.key_written).encrypt(pa, fromHex(c.plaintext));
      expect(toHex(ciphertext)).toBe(c.ciphertext);
      expect(toHex(engine(c.mode, c.key_read).decrypt(pa, ciphertext))).toBe(c.read_back);
    });
  }

  for (const c of vectors.tweak_only) {
    it(`linear tweak of ${c.pa}`, () => {
      expect(toHex(engine('xex-linear', '00'.repeat(16)).tweak(Number(c.pa)))).toBe(c.T);
    });
  }
});

/** NIST FIPS 197 appendix C, SP 800-38A F.1.1 and F.1.5 (public known answers). */
const ECB = [
  [
    '000102030405060708090a0b0c0d0e0f',
    '00112233445566778899aabbccddeeff',
    '69c4e0d86a7b0430d8cdb78070b4c55a',
  ],
  [
    '000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f',
    '00112233445566778899aabbccddeeff',
    '8ea2b7ca516745bfeafc49904b496089',
  ],
  [
    '2b7e151628aed2a6abf7158809cf4f3c',
    '6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51' +
      '30c81c46a35ce411e5fbc1191a0a52eff69f2445df4f9b17ad2b417be66c3710',
    '3ad77bb40d7a3660a89ecaf32466ef97f5d3d58503b9699de785895a96fdbaaf' +
      '43b1cd7f598ece23881b00e3ed0306887b0c785e27e8ad3f8223207104725dd4',
  ],
  [
    '603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4',
    '6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51' +
      '30c81c46a35ce411e5fbc1191a0a52eff69f2445df4f9b17ad2b417be66c3710',
    'f3eed1bdb5d2a03c064b5a7e3db181f8591ccb10d410ed26dc5ba74a31362870' +
      'b6ed21b99ca6f4f9f153e7b1beafed1d23304b7a39f9f3ff067d8d8f9e24ecc7',
  ],
] as const;

test.each(ECB)('AES known answer, key %s', (key, plaintext, ciphertext) => {
  const aes = engine('ecb', key);
  expect(toHex(aes.encrypt(0x12340, fromHex(plaintext)))).toBe(ciphertext);
  expect(toHex(aes.decrypt(0x12340, fromHex(ciphertext)))).toBe(plaintext);
});

describe('a ciphertext block moved to another address', () => {
  for (const c of vectors.move) {
    it(c.id, () => {
      const aes = engine(c.mode, c.key);
      const [from, to] = [Number(c.pa_source), Number(c.pa_target)];
      const ciphertext = aes.encrypt(from, fromHex(c.plaintext));
      const adjusted = xor(ciphertext, aes.tweak(from), aes.tweak(to));
      expect(toHex(ciphertext)).toBe(c.ciphertext_at_source);
      expect(toHex(aes.decrypt(to, ciphertext))).toBe(c.decrypted_when_copied_unchanged);
      expect(toHex(adjusted)).toBe(c.adjusted_ciphertext);
      expect(toHex(aes.decrypt(to, adjusted))).toBe(c.decrypted_when_adjusted);
    });
  }

  it('the worked example, with and without the outer tweak', () => {
    const w = blockMove.worked;
    const [p, q, plaintext] = [Number(w.p), Number(w.q), fromHex(w.plaintextHex)];
    const xe = engine('xe-linear', w.keyHex);
    const xex = engine('xex-linear', w.keyHex);
    expect([toHex(xe.tweak(p)), toHex(xe.tweak(q))]).toEqual([w.Tp, w.Tq]);
    expect(toHex(xe.encrypt(p, plaintext))).toBe(w.xe.cAtP);
    expect(toHex(xe.decrypt(q, fromHex(w.xe.cAtP)))).toBe(w.xe.decOfMovedAtQ);
    expect(toHex(xex.encrypt(p, plaintext))).toBe(w.xex.cAtP);
    expect(toHex(xex.decrypt(q, fromHex(w.xex.cAtP)))).toBe(w.xex.decOfMovedAtQ_noAdjust);
    expect(toHex(xor(fromHex(w.xex.cAtP), fromHex(w.TpXorTq)))).toBe(w.xex.adjustedCiphertext);
    expect(toHex(xex.decrypt(q, fromHex(w.xex.adjustedCiphertext)))).toBe(w.xex.decOfMovedAtQ_adjusted);
  });

  it('puts a chosen plaintext where the attacker wants it', () => {
    const { keyHex, injection } = blockMove.worked;
    const xe = engine('xe-linear', keyHex);
    const ciphertext = xe.encrypt(Number(injection.source), fromHex(injection.needKnownPlaintextAtSource));
    expect(toHex(xe.decrypt(Number(injection.atTarget), ciphertext))).toBe(injection.want);
  });
});

const block = fc.uint8Array({ minLength: 16, maxLength: 16 });
/** Leaves room below 2^52 for the longest buffer used here. */
const address = fc.integer({ min: 0, max: 2 ** 48 - 1024 }).map((n) => 16 * n);

const keyOf = (sizes: readonly number[]): fc.Arbitrary<Uint8Array> =>
  sizes.length === 0
    ? fc.constant(NO_KEY)
    : fc.constantFrom(...sizes).chain((n) => fc.uint8Array({ minLength: n, maxLength: n }));

const anyEngine = fc
  .constantFrom(...ENCRYPTION_MODES)
  .chain((mode) =>
    fc
      .record({ key: keyOf(MODES[mode].keySizes), tweakKey: keyOf(MODES[mode].tweakKeySizes) })
      .map((keys) => new AesEngine(mode, keys)),
  );

describe('laws', () => {
  it('decryption undoes encryption, at any address and length', () => {
    const blocks = fc
      .integer({ min: 0, max: 600 })
      .chain((n) => fc.uint8Array({ minLength: 16 * n, maxLength: 16 * n }));
    fc.assert(
      fc.property(anyEngine, address, blocks, (aes, pa, plaintext) => {
        const ciphertext = aes.encrypt(pa, plaintext);
        expect(aes.decrypt(pa, ciphertext)).toEqual(plaintext);
      }),
    );
  });

  it('a buffer is its blocks, each at its own address', () => {
    fc.assert(
      fc.property(
        anyEngine,
        address,
        fc.array(block, { minLength: 1, maxLength: 300 }),
        (aes, pa, blocks) => {
          const whole = aes.encrypt(pa, Uint8Array.from(blocks.flatMap((part) => [...part])));
          const parts = blocks.map((part, i) => toHex(aes.encrypt(pa + 16 * i, part)));
          expect(toHex(whole)).toBe(parts.join(''));
        },
      ),
      { numRuns: 50 },
    );
  });

  it('equal blocks at two addresses differ, except without a tweak', () => {
    fc.assert(
      fc.property(anyEngine, address, address, block, (aes, a, b, plaintext) => {
        fc.pre(a !== b);
        const same = toHex(aes.encrypt(a, plaintext)) === toHex(aes.encrypt(b, plaintext));
        expect(same).toBe(aes.mode === 'ecb');
      }),
    );
  });

  it('the linear tweak is linear', () => {
    const aes = engine('xex-linear', '00'.repeat(16));
    fc.assert(
      fc.property(address, address, (a, b) => {
        const sum = Number(BigInt(a) ^ BigInt(b));
        expect(aes.tweak(sum)).toEqual(xor(aes.tweak(a), aes.tweak(b)));
      }),
    );
  });

  it('a moved block changes by the XOR of the two tweaks', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('xe-linear', 'xex-linear'),
        address,
        address,
        block,
        block,
        (mode, p, q, key, text) => {
          const aes = engine(mode, toHex(key));
          const difference = xor(aes.tweak(p), aes.tweak(q));
          const ciphertext = aes.encrypt(p, text);
          const moved = mode === 'xe-linear' ? ciphertext : xor(ciphertext, difference);
          expect(aes.decrypt(q, moved)).toEqual(xor(text, difference));
        },
      ),
    );
  });

  it('works in place and on unaligned views', () => {
    fc.assert(
      fc.property(anyEngine, address, fc.integer({ min: 0, max: 15 }), block, (aes, pa, shift, text) => {
        const buffer = new Uint8Array(64);
        const view = buffer.subarray(shift, shift + 16);
        view.set(text);
        aes.encryptInto(pa, view, view);
        expect(view).toEqual(aes.encrypt(pa, text));
        aes.decryptInto(pa, view, view);
        expect(view).toEqual(text);
      }),
    );
  });
});

describe('refusals', () => {
  const aes = engine('xex-linear', '00'.repeat(16));
  it.each([
    ['an address inside a block', 8, 16],
    ['a negative address', -16, 16],
    ['a part of a block', 0, 20],
    ['a range that passes 2^52', 2 ** 52 - 16, 32],
  ])('%s', (_, pa, length) => {
    expect(() => aes.encrypt(pa, new Uint8Array(length))).toThrow(RangeError);
  });

  it('an output that is too short', () => {
    expect(() => aes.decryptInto(0, new Uint8Array(32), new Uint8Array(16))).toThrow(
      '32 bytes do not fit into 16',
    );
  });

  it('keys of a length that the mode does not know', () => {
    expect(() => engine('xex-linear', '00'.repeat(15))).toThrow(
      'data key of xex-linear: 15 bytes, expected 16 or 32',
    );
    expect(() => engine('xex-k2', '00'.repeat(16))).toThrow('tweak key of xex-k2: 0 bytes');
  });
});
