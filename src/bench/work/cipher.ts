import { ecb } from '@noble/ciphers/aes.js';
import { PAGE_SIZE } from '../../engine/core/address';
import { time } from '../stats';

/** Milliseconds of noble's `ecb` over so many bytes, page by page. */
export function cipherTime(bytes: number): number {
  const key = new Uint8Array(16);
  const page = new Uint8Array(PAGE_SIZE);
  const out = new Uint8Array(PAGE_SIZE);
  return time(() => {
    for (let at = 0; at < bytes; at += PAGE_SIZE) ecb(key, { disablePadding: true }).encrypt(page, out);
  });
}
