import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromHex, toHex } from '../core/bytes';
import { ENCRYPTION_MODES } from '../core/encryption';
import { adjustment, tweakDifference } from './adjust';
import { AesEngine } from './aes';
import blockMove from './vectors/block-move.json';

const xor = (a: Uint8Array, b: Uint8Array): Uint8Array => a.map((byte, i) => byte ^ (b[i] ?? 0));
const block = fc.uint8Array({ minLength: 16, maxLength: 16 });
const place = fc.nat({ max: 2 ** 28 - 1 }).map((number) => number * 16);

describe('a block that is moved by somebody without keys', () => {
  it('as in the worked example', () => {
    const { keyHex, plaintextHex, p, q, TpXorTq, xex, expectedMovedPlaintext } = blockMove.worked;
    const [from, to] = [Number(p), Number(q)];
    expect(toHex(tweakDifference(from, to))).toBe(TpXorTq);
    const aes = new AesEngine('xex-linear', { key: fromHex(keyHex), tweakKey: new Uint8Array(0) });
    const moved = xor(
      aes.encrypt(from, fromHex(plaintextHex)),
      adjustment('xex-linear', from, to, 16) ?? new Uint8Array(0),
    );
    expect(toHex(moved)).toBe(xex.adjustedCiphertext);
    expect(toHex(aes.decrypt(to, moved))).toBe(expectedMovedPlaintext);
  });

  it('decrypts to what it was, XOR the difference, wherever it goes', () => {
    fc.assert(
      fc.property(block, block, place, place, (key, text, from, to) => {
        const aes = new AesEngine('xex-linear', { key, tweakKey: new Uint8Array(0) });
        const moved = xor(aes.encrypt(from, text), adjustment('xex-linear', from, to, 16) as Uint8Array);
        expect(aes.decrypt(to, moved)).toEqual(xor(text, tweakDifference(from, to)));
      }),
    );
  });

  it('has nothing to compute under any other mode, and nothing about bits that nobody has measured', () => {
    for (const mode of ENCRYPTION_MODES.filter((each) => each !== 'xex-linear'))
      expect(adjustment(mode, 0, 0x1000, 16)).toBeNull();
    expect(tweakDifference(2 ** 32, 0)).toEqual(new Uint8Array(16));
  });
});
