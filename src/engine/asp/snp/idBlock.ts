import { sha384 } from '@noble/hashes/sha2.js';
import { readU32, readU64 } from '../../core/bytes';
import { KEY_BYTES, SIGNATURE_BYTES } from '../crypto/eccFields';
import { DIGEST_BYTES } from './pageInfo';

export const ID_BLOCK_BYTES = 0x60;
export const ID_AUTH_BYTES = 0x1000;

/** What the guest’s owner expects of a launch, 96 bytes (AMD-ASPFW sev_mcmd.h: snp_mcmd_launch_finish_id_block). */
export interface IdBlock {
  /** 48 bytes. */
  readonly launchDigest: Uint8Array;
  /** 16 bytes each, of the owner’s choice. */
  readonly familyId: Uint8Array;
  readonly imageId: Uint8Array;
  /** The format, 1; the published firmware does not look at it. */
  readonly version: number;
  readonly guestSvn: number;
  readonly policy: bigint;
}

/** @param bytes 96 bytes. */
export const decodeIdBlock = (bytes: Uint8Array): IdBlock => ({
  launchDigest: bytes.slice(0, DIGEST_BYTES),
  familyId: bytes.slice(0x30, 0x40),
  imageId: bytes.slice(0x40, 0x50),
  version: readU32(bytes, 0x50),
  guestSvn: readU32(bytes, 0x54),
  policy: readU64(bytes, 0x58),
});

/** Who vouches for an ID block, a page (AMD-ASPFW sev_mcmd.h: snp_mcmd_launch_finish_id_auth_page). */
export interface IdAuth {
  readonly idKeyAlgo: number;
  readonly authKeyAlgo: number;
  /** The ID key’s signature of the ID block, 512 bytes. */
  readonly idBlockSignature: Uint8Array;
  /** 1028 bytes. */
  readonly idKey: Uint8Array;
  /** The author key’s signature of the ID key, 512 bytes. */
  readonly idKeySignature: Uint8Array;
  /** 1028 bytes. */
  readonly authorKey: Uint8Array;
}

/** @param bytes 4096 bytes. */
export function decodeIdAuth(bytes: Uint8Array): IdAuth {
  const signature = (at: number) => bytes.slice(at, at + SIGNATURE_BYTES);
  const key = (at: number) => bytes.slice(at, at + KEY_BYTES);
  return {
    idKeyAlgo: readU32(bytes, 0),
    authKeyAlgo: readU32(bytes, 4),
    idBlockSignature: signature(0x40),
    idKey: key(0x240),
    idKeySignature: signature(0x680),
    authorKey: key(0x880),
  };
}

/** How a report names a key: SHA-384 of its 1028 bytes. */
export const keyDigest = (key: Uint8Array): Uint8Array => sha384(key);
