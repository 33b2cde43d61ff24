import { gcm } from '@noble/ciphers/aes.js';
import { concatBytes } from '@noble/hashes/utils.js';
import { u64 } from '../../core/bytes';
import { NO_KEY } from '../../core/key';
import { OWNER_FIRMWARE } from '../../core/page';
import type { Platform } from '../../core/platform';
import type { ContextCell } from '../../core/snpCells';
import { dmaRead, dmaWrite } from '../../memory/bus';
import { type RawAddress, readGuest, writeGuest } from '../memory';
import { TAG_BYTES } from './metadata';
import { spaOf } from './pages';
import { secretOf } from './secretSource';

/**
 * Pages outside of memory: AES-256-GCM with the guest’s OEK, no additional data. The 64-bit counter is the IV, with four zero
 * bytes behind it (AMD-ASPFW cipher.c: aes256gcm_authenticated_encrypt_x86addr, GCM_IV_PAD).
 */
const cipher = (p: Platform, { keys }: ContextCell, iv: bigint) => {
  if (!keys) throw new Error('a guest without keys has no pages to swap');
  return gcm(secretOf(p, keys.oek), concatBytes(u64(iv), new Uint8Array(4)));
};

/** A page and its tag. */
export interface Sealed {
  readonly bytes: Uint8Array;
  readonly tag: Uint8Array;
}

export function sealPage(p: Platform, guest: ContextCell, iv: bigint, page: Uint8Array): Sealed {
  const sealed = cipher(p, guest, iv).encrypt(page);
  return { bytes: sealed.subarray(0, page.length), tag: sealed.slice(page.length, page.length + TAG_BYTES) };
}

/** The page, or null when the tag does not fit. */
export function openPage(
  p: Platform,
  guest: ContextCell,
  iv: bigint,
  { bytes, tag }: Sealed,
): Uint8Array | null {
  try {
    return cipher(p, guest, iv).decrypt(concatBytes(bytes, tag));
  } catch {
    return null;
  }
}

/** Reads a guest’s page with its key, or a metadata page, which is not encrypted (ASID 0). */
export const readSwapped = (p: Platform, raw: RawAddress, length: number, asid: number): Uint8Array =>
  asid === 0 ? dmaRead(p, spaOf(p, raw), length, NO_KEY) : readGuest(p, raw, length, asid);

export function writeSwapped(p: Platform, raw: RawAddress, bytes: Uint8Array, asid: number): void {
  if (asid === 0) dmaWrite(p, spaOf(p, raw), bytes, NO_KEY, OWNER_FIRMWARE);
  else writeGuest(p, raw, bytes, asid);
}
