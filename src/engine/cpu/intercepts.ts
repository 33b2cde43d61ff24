import { OWNER_HYPERVISOR } from '../core/page';
import type { Platform } from '../core/platform';
import { peekBytes } from '../memory/cache';
import { cachedWrite } from '../memory/fill';
import { hostStructureKey } from './mode';

/**
 * The intercept vectors are the first bytes of the VMCB: a bit for each reason of #VMEXIT, at the number of the reason
 * (APM vol. 2 Appendix B and C: CPUID is bit 18 of the word at 0x0C, and its reason is 0x72).
 */
const VECTORS_END = 0xc0;

const byteOf = (code: number): number => code >> 3;

/** Does the VMCB ask for an exit with this reason? Reasons without a bit: no. */
export function isIntercepted(p: Platform, complex: number, vmcb: number, code: number): boolean {
  if (code < 0 || code >= VECTORS_END) return false;
  const [byte = 0] = peekBytes(p, complex, vmcb + byteOf(code), 1, hostStructureKey(p));
  return ((byte >> (code & 7)) & 1) === 1;
}

/** Sets or clears the bits of some reasons. */
export function setIntercepts(
  p: Platform,
  complex: number,
  vmcb: number,
  codes: readonly number[],
  on: boolean,
): void {
  const key = hostStructureKey(p);
  const bytes = peekBytes(p, complex, vmcb, VECTORS_END / 8, key).slice();
  for (const code of codes) {
    const bit = 1 << (code & 7);
    bytes[byteOf(code)] = on ? (bytes[byteOf(code)] ?? 0) | bit : (bytes[byteOf(code)] ?? 0) & ~bit;
  }
  cachedWrite(p, complex, vmcb, bytes, key, OWNER_HYPERVISOR);
}
