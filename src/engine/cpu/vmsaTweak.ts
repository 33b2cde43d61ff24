import { hmac } from '@noble/hashes/hmac.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { readU64, readUint } from '../core/bytes';
import type { Rule } from '../core/fault';
import type { Platform } from '../core/platform';
import { hasSevFeature } from './sevFeatures';
import { readVmsaField, writeVmsaField } from './vmsaFields';

/**
 * VmsaRegProt: registers in a VMSA are stored XORed with the number in its REG_PROT_NONCE, so that equal values do not give
 * equal ciphertext. Which quadwords that are, guests read in their secrets page (AMD-ASPFW sev_es.c; APM vol. 2 §15.36.20).
 */
const REG_PROT_RULE: Rule = {
  id: 'vmsa.reg-prot',
  says: 'With VmsaRegProt an exit draws a new number and stores the protected registers of the VMSA XORed with it; VMRUN takes it off again.',
  source:
    'APM vol. 2 §15.36.20; attacks.md section 4, SEV-FEATURES-14; modelled: the number follows from the machine’s seed and the number before',
  standing: 'modelled',
};

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

export const hasRegProt = (vmsa: Uint8Array): boolean =>
  hasSevFeature(readVmsaField(vmsa, 'sevFeatures'), 'VmsaRegProt');

export const isProtected = (offset: number): boolean =>
  PROTECTED.some(([from, to]) => offset >= from && offset < to);

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

/** A VMSA as it is stored, with the registers that the vCPU has. Not changed; the same page where the feature is off. */
export const unhidden = (vmsa: Uint8Array): Uint8Array => (hasRegProt(vmsa) ? tweaked(vmsa) : vmsa);

/** What stands for the value of a quadword at an offset in a VMSA as it is stored. */
export const hiddenValue = (vmsa: Uint8Array, offset: number, value: bigint): bigint =>
  hasRegProt(vmsa) && isProtected(offset) ? value ^ readVmsaField(vmsa, 'regProtNonce') : value;

/**
 * A VMSA as an exit stores it: with another nonce than before.
 * @param vmsa 4096 bytes with the registers that the vCPU has, not changed. @param spa where it lies.
 */
export function hiddenAnew(p: Platform, vmsa: Uint8Array, spa: number): Uint8Array {
  if (!hasRegProt(vmsa)) return vmsa;
  const page = vmsa.slice();
  writeVmsaField(page, 'regProtNonce', nonceAfter(p, readVmsaField(vmsa, 'regProtNonce'), spa));
  p.trace.fact('check', { what: 'VmsaRegProt', address: spa }, REG_PROT_RULE);
  return tweaked(page);
}

function nonceAfter({ config }: Platform, before: bigint, spa: number): bigint {
  const text = new TextEncoder();
  const seed = text.encode(`sevscope seed ${config.seed}`);
  return readU64(hmac(sha256, seed, text.encode(`REG_PROT_NONCE ${spa} ${before}`)), 0);
}
