import { unsafe } from '@noble/ciphers/aes.js';
import { BLOCK_SIZE, PAGE_SIZE } from '../core/address';
import type { TweakFill } from './tweak';

/** `out[at .. at + 3]` = AES_K2 of 128 bits, little-endian, of which only the two lower words are not zero. */
function encryptWords(schedule: Uint32Array, low: number, high: number, out: Uint32Array, at: number): void {
  const block = unsafe.encrypt(schedule, low, high, 0, 0);
  out[at] = block.s0;
  out[at + 1] = block.s1;
  out[at + 2] = block.s2;
  out[at + 3] = block.s3;
}

/** Bits 63:32 of a number below 2^53. */
const highWord = (n: number): number => Math.floor(n / 2 ** 32);

/** Mode `xex-k2`: each block's address encrypted under the tweak key. */
export function keyedTweak(tweakKey: Uint8Array): TweakFill {
  const schedule = unsafe.expandKeyLE(tweakKey);
  return (address, blocks, out) => {
    // The blocks lie in one page, so that only the lower word differs.
    const first = address | 0;
    const high = highWord(address);
    for (let block = 0; block < blocks; block++)
      encryptWords(schedule, first + block * BLOCK_SIZE, high, out, 4 * block);
  };
}

/**
 * Multiplies the tweak at `from` by x^n, n = 1..16, and writes it to `to` (which may be `from`). IEEE 1619-2018 §5.2:
 * the block is a polynomial over GF(2), bit 0 of byte 0 first, modulo x^128 + x^7 + x^2 + x + 1.
 */
function timesPowerOfX(words: Uint32Array, from: number, to: number, n: number): void {
  const w0 = words[from] as number;
  const w1 = words[from + 1] as number;
  const w2 = words[from + 2] as number;
  const w3 = words[from + 3] as number;
  const rest = 32 - n;
  const over = w3 >>> rest;
  words[to] = (w0 << n) ^ over ^ (over << 1) ^ (over << 2) ^ (over << 7);
  words[to + 1] = (w1 << n) | (w0 >>> rest);
  words[to + 2] = (w2 << n) | (w1 >>> rest);
  words[to + 3] = (w3 << n) | (w2 >>> rest);
}

/** Mode `xts-page`: the tweak of XTS-AES with a page as data unit, numbered by its page frame. */
export function xtsTweak(tweakKey: Uint8Array): TweakFill {
  const schedule = unsafe.expandKeyLE(tweakKey);
  return (address, blocks, out) => {
    const offset = address % PAGE_SIZE;
    const unit = (address - offset) / PAGE_SIZE;
    encryptWords(schedule, unit | 0, highWord(unit), out, 0);
    for (let left = offset / BLOCK_SIZE; left > 0; left -= 16) timesPowerOfX(out, 0, 0, Math.min(left, 16));
    for (let at = 4; at < 4 * blocks; at += 4) timesPowerOfX(out, at - 4, at, 1);
  };
}
