import { BLOCK_SIZE } from '../core/address';
import { bytesEqual } from '../core/bytes';

/** Blocks with fewer different byte values say nothing that could not be guessed. */
const TELLING = 4;

/** Whether a block of 16 bytes says anything: at least four different bytes, and not one half twice. */
export function isTelling(bytes: Uint8Array): boolean {
  const found: number[] = [];
  for (const byte of bytes) {
    if (found.includes(byte)) continue;
    found.push(byte);
    if (found.length === TELLING) return !bytesEqual(bytes.subarray(0, 8), bytes.subarray(8));
  }
  return false;
}

/** 53 bits of a block, enough that two of a session's blocks never meet by chance. */
export function hashBlock(bytes: Uint8Array): number {
  let low = 0x811c9dc5;
  let high = 0x9e3779b9;
  for (let i = 0; i < BLOCK_SIZE; i++) {
    const byte = bytes[i] ?? 0;
    low = Math.imul(low ^ byte, 0x01000193);
    high = Math.imul(high ^ (byte + i), 0x85ebca6b);
    high ^= high >>> 13;
  }
  return (high >>> 11) * 2 ** 32 + (low >>> 0);
}
