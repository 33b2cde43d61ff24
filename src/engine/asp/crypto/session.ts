import { hmac } from '@noble/hashes/hmac.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { concatBytes } from '@noble/hashes/utils.js';
import { bytesEqual, u32 } from '../../core/bytes';
import { kdf } from './kdf';
import { ctr } from './packet';

/** What guest owner and firmware (or two firmwares) share about one guest. */
export interface TransportKeys {
  /** Transport encryption key, 16 bytes. */
  readonly tek: Uint8Array;
  /** Transport integrity key, 16 bytes. */
  readonly tik: Uint8Array;
}

/** Keys that follow from a key agreement, 16 bytes each. */
export interface SessionKeys {
  readonly master: Uint8Array;
  /** Encrypts the transport keys. */
  readonly kek: Uint8Array;
  /** Authenticates them. */
  readonly kik: Uint8Array;
}

/** Length of a session buffer. */
export const SESSION_BYTES = 128;

const KEY_BYTES = 16;
const NONE = new Uint8Array(0);

/** Byte ranges of a session buffer (AMD-ASPFW sev_channel.h). */
const NONCE = [0x00, 0x10] as const;
const WRAP_TK = [0x10, 0x30] as const;
const WRAP_IV = [0x30, 0x40] as const;
const WRAP_MAC = [0x40, 0x60] as const;
const POLICY_MAC = [0x60, 0x80] as const;

/**
 * Master secret, KEK and KIK (AMD-ASPFW sev_channel.c).
 * @param z x coordinate of the key agreement, 48 bytes big-endian. @param nonce 16 bytes.
 */
export function sessionKeys(z: Uint8Array, nonce: Uint8Array): SessionKeys {
  const master = kdf(z, 'sev-master-secret', nonce, KEY_BYTES);
  return {
    master,
    kek: kdf(master, 'sev-kek', NONE, KEY_BYTES),
    kik: kdf(master, 'sev-kik', NONE, KEY_BYTES),
  };
}

/** HMAC-SHA-256 with the TIK over the policy, 32 bits little-endian (AMD-ASPFW sev_channel.c). */
export const policyMac = (tik: Uint8Array, policy: number): Uint8Array => hmac(sha256, tik, u32(policy));

/**
 * The session buffer that LAUNCH_START and RECEIVE_START take (AMD-ASPFW sev_channel.c, sev_channel.h).
 * @param z as for `sessionKeys`. @param iv 16 bytes. @returns 128 bytes.
 */
export function wrapSession(from: {
  readonly z: Uint8Array;
  readonly nonce: Uint8Array;
  readonly iv: Uint8Array;
  readonly keys: TransportKeys;
  readonly policy: number;
}): Uint8Array {
  const { kek, kik } = sessionKeys(from.z, from.nonce);
  const wrapped = ctr(kek, from.iv, concatBytes(from.keys.tek, from.keys.tik));
  const mac = hmac(sha256, kik, wrapped);
  return concatBytes(from.nonce, wrapped, from.iv, mac, policyMac(from.keys.tik, from.policy));
}

/** The transport keys inside a session buffer; null when its WRAP_MAC is wrong (the firmware: BAD_MEASUREMENT). */
export function unwrapSession(session: Uint8Array, z: Uint8Array): TransportKeys | null {
  const { kek, kik } = sessionKeys(z, session.subarray(...NONCE));
  const wrapped = session.subarray(...WRAP_TK);
  if (!bytesEqual(hmac(sha256, kik, wrapped), session.subarray(...WRAP_MAC))) return null;
  const keys = ctr(kek, session.subarray(...WRAP_IV), wrapped);
  return { tek: keys.slice(0, KEY_BYTES), tik: keys.slice(KEY_BYTES) };
}

/** Is this the policy that the owner of the session had in mind? */
export const policyMacFits = (session: Uint8Array, tik: Uint8Array, policy: number): boolean =>
  bytesEqual(policyMac(tik, policy), session.subarray(...POLICY_MAC));
