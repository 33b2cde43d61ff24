import { ctr as aesCtr } from '@noble/ciphers/aes.js';
import { hmac } from '@noble/hashes/hmac.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { concatBytes } from '@noble/hashes/utils.js';
import { readU32, u32 } from '../../core/bytes';

/** Header of a launch secret and of a migration packet (AMD-ASPFW sev_channel.h). */
export interface PacketHeader {
  /** Bit 0: compressed, which the firmware refuses. */
  readonly flags: number;
  /** 16 bytes. */
  readonly iv: Uint8Array;
  /** 32 bytes. */
  readonly mac: Uint8Array;
}

export const PACKET_HEADER_BYTES = 52;

/** Context byte of what the TIK authenticates (AMD-ASPFW sev_channel.h): pages of the CPU's state use 2 as well. */
export const PACKET_CONTEXT = { secret: 1, data: 2 } as const;

export const encodePacketHeader = ({ flags, iv, mac }: PacketHeader): Uint8Array =>
  concatBytes(u32(flags), iv, mac);

/** @param bytes at least 52. */
export const decodePacketHeader = (bytes: Uint8Array): PacketHeader => ({
  flags: readU32(bytes, 0),
  iv: bytes.slice(0x04, 0x14),
  mac: bytes.slice(0x14, PACKET_HEADER_BYTES),
});

/**
 * MAC of a packet: HMAC-SHA-256 with the TIK (AMD-ASPFW sev_channel.c, sev_mcmd.c).
 * @param of `data` as sent, encrypted; lengths in bytes; `measure` (32 bytes) for a launch secret only, which so fits
 * one measured guest alone.
 */
export const packetMac = (of: {
  readonly context: 1 | 2;
  readonly tik: Uint8Array;
  readonly flags: number;
  readonly iv: Uint8Array;
  readonly guestLength: number;
  readonly transLength: number;
  readonly data: Uint8Array;
  readonly measure?: Uint8Array;
}): Uint8Array => hmac(sha256, of.tik, packetMacInput(of));

/** What `packetMac` authenticates. */
export const packetMacInput = (of: Omit<Parameters<typeof packetMac>[0], 'tik'>): Uint8Array =>
  concatBytes(
    Uint8Array.of(of.context),
    u32(of.flags),
    of.iv,
    u32(of.guestLength),
    u32(of.transLength),
    of.data,
    of.measure ?? new Uint8Array(0),
  );

/**
 * AES-128-CTR, with which transport keys, launch secrets and migrated pages are encrypted; the same call decrypts.
 * @param tek 16 bytes. @param iv 16 bytes, incremented as one big-endian number (AMD-ASPFW sev_channel.c).
 */
export const ctr = (tek: Uint8Array, iv: Uint8Array, data: Uint8Array): Uint8Array =>
  aesCtr(tek, iv).encrypt(data);
