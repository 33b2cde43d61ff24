import { gcm } from '@noble/ciphers/aes.js';
import { concatBytes } from '@noble/hashes/utils.js';
import { readU64, u64 } from '../../core/bytes';

/**
 * Messages between a guest and the firmware (AMD-ASPFW sev_rmp.h: snp_guest_message_header): a header of 0x60 bytes, of which
 * the second half is authenticated, and an encrypted payload.
 */
export const HEADER_BYTES = 0x60;

const AT = {
  tag: 0x00,
  sequence: 0x20,
  algorithm: 0x30,
  headerVersion: 0x31,
  headerSize: 0x32,
  type: 0x34,
  version: 0x35,
  size: 0x36,
  vmpck: 0x3c,
} as const;

const TAG_BYTES = 16;
/** AES-256-GCM, the only one. */
const GCM = 1;
const HEADER_VERSION = 1;

export interface MessageHeader {
  /** 64 bits. */
  readonly sequence: bigint;
  readonly algorithm: number;
  readonly headerVersion: number;
  readonly headerSize: number;
  readonly type: number;
  readonly version: number;
  /** Bytes of the payload. */
  readonly size: number;
  /** Which of the guest's four keys, 0 to 3. */
  readonly vmpck: number;
}

const byte = (bytes: Uint8Array, at: number): number => bytes[at] ?? 0;
const u16 = (bytes: Uint8Array, at: number): number => byte(bytes, at) | (byte(bytes, at + 1) << 8);

/** @param bytes at least the 0x60 of a header. */
export const decodeHeader = (bytes: Uint8Array): MessageHeader => ({
  sequence: readU64(bytes, AT.sequence),
  algorithm: byte(bytes, AT.algorithm),
  headerVersion: byte(bytes, AT.headerVersion),
  headerSize: u16(bytes, AT.headerSize),
  type: byte(bytes, AT.type),
  version: byte(bytes, AT.version),
  size: u16(bytes, AT.size),
  vmpck: byte(bytes, AT.vmpck),
});

/** Is the header one that this version of the protocol allows (AMD-ASPFW snp_mcmd_guest_request)? */
export const isWellFormed = ({ algorithm, headerVersion, headerSize, size }: MessageHeader): boolean =>
  headerVersion === HEADER_VERSION &&
  headerSize === HEADER_BYTES &&
  algorithm === GCM &&
  size > 0 &&
  size % 16 === 0;

/** The nonce of 12 bytes: the sequence number and four zeros. */
const nonce = (sequence: bigint): Uint8Array => concatBytes(u64(sequence), new Uint8Array(4));

const aad = (header: Uint8Array): Uint8Array => header.subarray(AT.algorithm, HEADER_BYTES);

/** What a message says to send; the rest of its header follows. */
export interface Outgoing {
  readonly sequence: bigint;
  readonly type: number;
  readonly version: number;
  readonly vmpck: number;
}

/** A message as it lies in memory. @param key 32 bytes. @param payload a multiple of 16 for the firmware to take it. */
export function sealMessage(key: Uint8Array, of: Outgoing, payload: Uint8Array): Uint8Array {
  const out = new Uint8Array(HEADER_BYTES + payload.length);
  const view = new DataView(out.buffer);
  view.setBigUint64(AT.sequence, of.sequence, true);
  view.setUint8(AT.algorithm, GCM);
  view.setUint8(AT.headerVersion, HEADER_VERSION);
  view.setUint16(AT.headerSize, HEADER_BYTES, true);
  view.setUint8(AT.type, of.type);
  view.setUint8(AT.version, of.version);
  view.setUint16(AT.size, payload.length, true);
  view.setUint8(AT.vmpck, of.vmpck);
  const sealed = gcm(key, nonce(of.sequence), aad(out)).encrypt(payload);
  out.set(sealed.subarray(0, payload.length), HEADER_BYTES);
  out.set(sealed.subarray(payload.length), AT.tag);
  return out;
}

/** The payload, or null when the tag does not fit. @param message header and payload. @param key 32 bytes. */
export function openMessage(key: Uint8Array, message: Uint8Array): Uint8Array | null {
  const { sequence, size } = decodeHeader(message);
  const sealed = concatBytes(
    message.subarray(HEADER_BYTES, HEADER_BYTES + size),
    message.subarray(AT.tag, AT.tag + TAG_BYTES),
  );
  try {
    return gcm(key, nonce(sequence), aad(message)).decrypt(sealed);
  } catch {
    return null;
  }
}
