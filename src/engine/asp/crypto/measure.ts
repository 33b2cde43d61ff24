import { hmac } from '@noble/hashes/hmac.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { concatBytes } from '@noble/hashes/utils.js';
import { u32 } from '../../core/bytes';

/** What LAUNCH_MEASURE authenticates. */
export interface Measured {
  /** 8-bit numbers of the firmware that measured. */
  readonly apiMajor: number;
  readonly apiMinor: number;
  readonly buildId: number;
  /** Guest policy, 32 bits. */
  readonly policy: number;
  /** Launch digest: SHA-256 of everything that was loaded, in order. */
  readonly digest: Uint8Array;
  /** 16 bytes that the firmware draws afresh for each call. */
  readonly mnonce: Uint8Array;
}

/** Tells a measurement from other uses of the TIK (AMD-ASPFW sev_channel.h). */
const CONTEXT_MEASURE = 4;

/** The 56 bytes that are authenticated (AMD-ASPFW sev_guest.c). */
export const measuredBytes = ({
  apiMajor,
  apiMinor,
  buildId,
  policy,
  digest,
  mnonce,
}: Measured): Uint8Array =>
  concatBytes(Uint8Array.of(CONTEXT_MEASURE, apiMajor, apiMinor, buildId), u32(policy), digest, mnonce);

/** MEASURE of LAUNCH_MEASURE: HMAC-SHA-256 with the TIK, 32 bytes (AMD-ASPFW sev_guest.c). */
export const measurement = ({ tik, ...measured }: Measured & { readonly tik: Uint8Array }): Uint8Array =>
  hmac(sha256, tik, measuredBytes(measured));
