import { readUint } from '../core/bytes';
import { readVmsaField } from './vmsaFields';

/**
 * VmsaRegProt: registers in a VMSA are stored XORed with the number in its REG_PROT_NONCE, so that equal values do not give
 * equal ciphertext. Which quadwords that are, guests read in their secrets page (AMD-ASPFW sev_es.c; APM vol. 2 §15.36.20).
 */
const QUADWORD = 8;
const QUADWORDS = 512;

/** Offsets from and to: RIP; RSP; RAX; RCX to RBX; RBP to R15; FPU and vector registers; their upper parts. */
const PROTECTED: readonly (readonly [from: number, to: number])[] = [
  [0x178, 0x180],
  [0x1d8, 0x1e0],
  [0x1f8, 0x200],
  [0x308, 0x320],
  [0x328, 0x380],
  [0x420, 0x670],
  [0x980, 0xfc0],
];

const FEATURE = 1n << 14n;

export const hasRegProt = (vmsa: Uint8Array): boolean =>
  (readVmsaField(vmsa, 'sevFeatures') & FEATURE) !== 0n;

/** One bit for each of the page's 512 quadwords, lowest first: 64 bytes. */
export function tweakBitmap(): Uint8Array {
  const bitmap = new Uint8Array(QUADWORDS / 8);
  for (const [from, to] of PROTECTED)
    for (let at = from / QUADWORD; at < to / QUADWORD; at++) {
      const byte = Math.floor(at / 8);
      bitmap[byte] = (bitmap[byte] ?? 0) | (1 << (at % 8));
    }
  return bitmap;
}

/** Hides the protected registers of a VMSA by its nonce, or shows them again. @param vmsa 4096 bytes, not changed. */
export function tweaked(vmsa: Uint8Array): Uint8Array {
  const out = vmsa.slice();
  const nonce = readVmsaField(vmsa, 'regProtNonce');
  const view = new DataView(out.buffer);
  for (const [from, to] of PROTECTED)
    for (let at = from; at < to; at += QUADWORD)
      view.setBigUint64(at, readUint(vmsa, at, QUADWORD) ^ nonce, true);
  return out;
}
