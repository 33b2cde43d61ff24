import { HOST_KEY, type KeySelector, NO_KEY } from '../core/key';
import { OWNER_FIRMWARE } from '../core/page';
import type { Platform } from '../core/platform';
import { featuresOf } from '../cpu/cpuid';
import { memEncryption } from '../cpu/mode';
import { dmaRead, dmaWrite } from '../memory/bus';
import { isLost } from '../memory/routes';

/**
 * How the firmware reaches memory: over the bus like a device, with the host's key where the address that it was given has
 * the C-bit set, or with a guest's key by its ASID (AMD-ASPFW x86_copy.c).
 */

/** An address as software passes it, 64 bits with its C-bit. */
export type RawAddress = bigint;

/** The C-bit in an address. */
export const cMask = (p: Platform): bigint => 1n << BigInt(featuresOf(p.state).cBit);

/** The address without its C-bit; only one that passed the range check fits a number. */
export const withoutC = (p: Platform, raw: RawAddress): bigint => raw & ~cMask(p);

/** What software passes for an SPA: with the C-bit when it keeps the memory under the host's key. */
export const withC = (p: Platform, spa: number, encrypted: boolean): RawAddress =>
  BigInt(spa) | (encrypted && memEncryption(p) ? cMask(p) : 0n);

const hostKey = (p: Platform, raw: RawAddress): KeySelector =>
  memEncryption(p) && (raw & cMask(p)) !== 0n ? HOST_KEY : NO_KEY;

/** Reads as the host would; the range was checked. */
export const readHost = (p: Platform, raw: RawAddress, length: number): Uint8Array =>
  dmaRead(p, Number(withoutC(p, raw)), length, hostKey(p, raw));

export function writeHost(p: Platform, raw: RawAddress, bytes: Uint8Array): void {
  const spa = Number(withoutC(p, raw));
  if (!isLost(p, spa, bytes.length)) dmaWrite(p, spa, bytes, hostKey(p, raw), OWNER_FIRMWARE);
}

/** Reads with the key in an ASID's slot; the range was checked. */
export const readGuest = (p: Platform, raw: RawAddress, length: number, asid: number): Uint8Array =>
  dmaRead(p, Number(withoutC(p, raw)), length, asid);

export function writeGuest(p: Platform, raw: RawAddress, bytes: Uint8Array, asid: number): void {
  const spa = Number(withoutC(p, raw));
  if (!isLost(p, spa, bytes.length)) dmaWrite(p, spa, bytes, asid, OWNER_FIRMWARE);
}
