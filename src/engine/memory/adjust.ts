import { BLOCK_SIZE } from '../core/address';
import type { EncryptionMode } from '../core/encryption';
import type { Rule } from '../core/fault';
import { fillLinear } from './linear-tweak';

export const ADJUST_RULE: Rule = {
  id: 'memory.known-tweak',
  says: 'Where the tweak is linear in the address and whitens the ciphertext, who knows its constants can move a block: XOR the tweaks of both places onto the ciphertext, and it decrypts to the plaintext XOR the same difference.',
  source:
    'SEVurity (Wilke, Wichelmann, Morbitzer, Eisenbarth, IEEE S&P 2020, arXiv 2004.11071) §4; attacks.md section 9',
  standing: 'published',
};

/** The constants of these address bits and lower were measured; of higher ones nobody outside AMD knows any. */
const MEASURED_BITS = 2 ** 32;

const tweakOf = (address: number): Uint8Array => {
  const words = new Uint32Array(BLOCK_SIZE / 4);
  fillLinear(address % MEASURED_BITS, 1, words);
  return new Uint8Array(words.buffer);
};

/** T(from) XOR T(to), 16 bytes, for two aligned SPAs, by the published constants of address bits 4 to 31. */
export function tweakDifference(from: number, to: number): Uint8Array {
  const other = tweakOf(to);
  return tweakOf(from).map((byte, i) => byte ^ (other[i] ?? 0));
}

/**
 * What somebody without keys XORs onto the ciphertext of whole blocks that they move, `length` bytes from one SPA to
 * another; null where there is nothing that they could compute, or that would help: the first parts do not whiten the ciphertext,
 * and newer ones have tweaks that nobody can predict.
 */
export function adjustment(
  mode: EncryptionMode,
  from: number,
  to: number,
  length: number,
): Uint8Array | null {
  return mode === 'xex-linear' ? knownDifference(mode, from, to, length) : null;
}

/** What the move of whole blocks adds to their plaintext; null under tweaks that nobody can predict. */
export function knownDifference(
  mode: EncryptionMode,
  from: number,
  to: number,
  length: number,
): Uint8Array | null {
  if (mode !== 'xex-linear' && mode !== 'xe-linear') return null;
  const out = new Uint8Array(length);
  for (let at = 0; at < length; at += BLOCK_SIZE)
    out.set(tweakDifference(from + at, to + at).subarray(0, length - at), at);
  return out;
}
