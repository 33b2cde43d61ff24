import { concatBytes } from '@noble/hashes/utils.js';
import { u32, u64 } from '../../core/bytes';
import { kdf } from './kdf';

/** What is mixed into a key that a guest asks for (AMD-ASPFW sev_rmp.h). */
export interface KeyMix {
  /** 0: VCEK or VLEK, 1: VMRK. */
  readonly rootKeySelect: number;
  /** Whose digest `idKey` is: 0 none, 1 of the ID key, 2 of the author key. */
  readonly idKeySelect: number;
  /** One bit a field: policy, image id, family id, measurement, guest SVN, TCB. What is not selected counts as zero. */
  readonly fields: bigint;
  readonly vmpl: number;
  readonly guestSvn: number;
  readonly tcb: bigint;
  readonly policy: bigint;
  /** 16 bytes each. */
  readonly imageId: Uint8Array;
  readonly familyId: Uint8Array;
  /** 48 bytes, of which the first 32 count; so for `idKey`. */
  readonly measurement: Uint8Array;
  /** 32 bytes, always mixed in, as is the VMPL. */
  readonly hostData: Uint8Array;
  readonly idKey: Uint8Array;
}

const DIGEST_PART = 32;

/** The 168 bytes of context (AMD-ASPFW sev_mcmd.c, sev_rmp.h); other generations may mix differently. */
export function mixData(mix: KeyMix): Uint8Array {
  const selected = (bit: number) => ((mix.fields >> BigInt(bit)) & 1n) === 1n;
  const bytes = (bit: number, value: Uint8Array) => (selected(bit) ? value : new Uint8Array(value.length));
  const idKey = mix.idKeySelect === 0 ? new Uint8Array(DIGEST_PART) : mix.idKey.subarray(0, DIGEST_PART);
  return concatBytes(
    u32(mix.rootKeySelect | (mix.idKeySelect << 1)),
    u32(0),
    u64(mix.fields),
    u32(mix.vmpl),
    u32(selected(4) ? mix.guestSvn : 0),
    u64(selected(5) ? mix.tcb : 0n),
    u64(selected(0) ? mix.policy : 0n),
    bytes(1, mix.imageId),
    bytes(2, mix.familyId),
    bytes(3, mix.measurement.subarray(0, DIGEST_PART)),
    mix.hostData,
    idKey,
  );
}

/** The key, 32 bytes (AMD-ASPFW sev_mcmd.c). @param root 48 bytes of a hash stick, or the 32 of the VMRK. */
export const derivedKey = (root: Uint8Array, mix: KeyMix): Uint8Array =>
  kdf(root, 'gmsg-keyreq', mixData(mix), 32);
