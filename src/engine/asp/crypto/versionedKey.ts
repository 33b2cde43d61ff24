import { sha384 } from '@noble/hashes/sha2.js';
import { concatBytes } from '@noble/hashes/utils.js';
import { type KeyPair, keyPairFrom } from './ecc';
import { kdf } from './kdf';

/** Labels of the keys that follow from a secret of the chip and nothing else (AMD-ASPFW sev_plat.c). */
export const CHIP_KEY_LABELS = {
  cek: 'sev-chip-endorsement-key',
  vcek: 'sev-versioned-chip-endorsement-key',
  vlek: 'sev-versioned-loaded-attestation-key',
} as const;

/** Bytes of the number that a secret is reduced from: 64 bits longer than the order, so that no secret is likelier. */
export const KEY_SEED_BYTES = 56;

const NONE = new Uint8Array(0);
const NEXT_STICK = new Uint8Array(8);
const HIGHEST_VERSION = 255;

/**
 * The eight hash sticks, 48 bytes each: whoever knows a stick can compute those of older versions by hashing on, never
 * those of newer ones (AMD-ASPFW sev_plat.c).
 * @param seed 48 bytes. @param tcb eight version numbers, one a byte of the TCB version, byte 0 first.
 */
export function hashSticks(seed: Uint8Array, tcb: readonly number[]): Uint8Array[] {
  let base = seed;
  return tcb.map((version) => {
    let stick = base;
    for (let i = version; i < HIGHEST_VERSION; i++) stick = sha384(stick);
    base = sha384(concatBytes(NEXT_STICK, stick));
    return sha384(stick);
  });
}

/** A signing key from a secret of the chip (AMD-ASPFW sev_plat.c). */
export const chipKey = (secret: Uint8Array, kind: keyof typeof CHIP_KEY_LABELS): KeyPair =>
  keyPairFrom(kdf(secret, CHIP_KEY_LABELS[kind], NONE, KEY_SEED_BYTES));
