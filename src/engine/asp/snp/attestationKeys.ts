import { gcm } from '@noble/ciphers/aes.js';
import { concatBytes } from '@noble/hashes/utils.js';
import { fromHex, readU64, u64 } from '../../core/bytes';
import { Kept } from '../../core/kept';
import type { Platform } from '../../core/platform';
import type { LoadedVlek } from '../../core/snpCells';
import type { KeyPair } from '../crypto/ecc';
import { kdf } from '../crypto/kdf';
import { chipKey, hashSticks } from '../crypto/versionedKey';
import { secretBytes } from '../secrets';
import { snpOf } from './state';
import { tcbBytes } from './tcb';

/**
 * VCEK and VLEK: keys of the chip that follow from a secret and a TCB version (crypto-and-attestation.md 2.4). State names
 * the version; sticks and keys are worked out when somebody needs them, and the last ones are kept beside the configuration.
 */
const STICK_BYTES = 48;

/** The last of the eight hash sticks: the secret behind VCEK or VLEK. */
type Stick = Uint8Array;

const sticks = new Kept<Stick>();
const pairs = new Kept<KeyPair>();

/** The stick of the chip at a TCB version. */
export const chipStick = ({ config }: Platform, tcb: bigint): Stick =>
  sticks.once(config, `${tcb}`, () => {
    const all = hashSticks(secretBytes(config, 'chip seed', STICK_BYTES), tcbBytes(tcb));
    return all[all.length - 1] ?? new Uint8Array(STICK_BYTES);
  });

/** What lies where the firmware keeps its VCEK’s stick: zeros before the first time that it was derived. */
export function vcekStick(p: Platform, vcek: string | null = snpOf(p).vcek): Stick {
  return vcek === null ? new Uint8Array(STICK_BYTES) : chipStick(p, BigInt(vcek));
}

export const vcekPair = (p: Platform): KeyPair =>
  pairs.once(p.config, `vcek ${snpOf(p).vcek}`, () => chipKey(vcekStick(p), 'vcek'));

/** The VCEK of the chip at a TCB version: AMD publishes its certificate for whoever names both. */
export const vcekAt = (p: Platform, tcb: bigint): KeyPair =>
  pairs.once(p.config, `vcek at ${tcb}`, () => chipKey(chipStick(p, tcb), 'vcek'));

/** A VLEK as the service of AMD hands it out: IV 0x00, eight wrapped sticks 0x10, TCB version 0x190, tag 0x1a0. */
export const VLEK_BYTES = 0x1b0;
const WRAPPED = { iv: 12, sticks: 0x10, tcb: 0x190, tag: 0x1a0 } as const;

export const vlekTcb = (wrapped: Uint8Array): bigint => readU64(wrapped, WRAPPED.tcb);

const wrappingKey = (stick: Stick): Uint8Array => kdf(stick, 'vlek-wrapping-key', new Uint8Array(0), 32);

/** The eight sticks, or null when the tag does not fit (AMD-ASPFW sev_mcmd.c: snp_mcmd_vlek_load). */
export function unwrapVlek(wrapped: Uint8Array, stick: Stick): Uint8Array | null {
  const iv = wrapped.subarray(0, WRAPPED.iv);
  const aad = wrapped.subarray(WRAPPED.tcb, WRAPPED.tag);
  const sealed = concatBytes(wrapped.subarray(WRAPPED.sticks, WRAPPED.tcb), wrapped.subarray(WRAPPED.tag));
  try {
    return gcm(wrappingKey(stick), iv, aad).decrypt(sealed);
  } catch {
    return null;
  }
}

/** What the service does: wraps eight sticks for the chip that has this VCEK. @param iv 12 bytes. @param sticks 0x180 bytes. */
export function wrapVlek(iv: Uint8Array, sticks: Uint8Array, tcb: bigint, stick: Stick): Uint8Array {
  const out = new Uint8Array(VLEK_BYTES);
  out.set(iv);
  out.set(u64(tcb), WRAPPED.tcb);
  const sealed = gcm(wrappingKey(stick), iv, out.subarray(WRAPPED.tcb, WRAPPED.tag)).encrypt(sticks);
  out.set(sealed.subarray(0, sticks.length), WRAPPED.sticks);
  out.set(sealed.subarray(sticks.length), WRAPPED.tag);
  return out;
}

/** The secret behind a loaded VLEK. @throws Error when it does not unwrap: a bug of ours. */
export function vlekStick(p: Platform, { wrapped, vcek }: LoadedVlek): Stick {
  const sticks = unwrapVlek(fromHex(wrapped), vcekStick(p, vcek));
  if (!sticks) throw new Error('a VLEK was loaded that does not unwrap');
  return sticks.slice(7 * STICK_BYTES);
}

export const vlekPair = (p: Platform, vlek: LoadedVlek): KeyPair =>
  pairs.once(p.config, `vlek ${vlek.wrapped}`, () => chipKey(vlekStick(p, vlek), 'vlek'));
