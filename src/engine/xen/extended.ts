import { LINE_SIZE } from '../core/address';
import { readU64, u64 } from '../core/bytes';
import { OWNER_HYPERVISOR } from '../core/page';
import type { Platform } from '../core/platform';
import type { Registers } from '../core/registers';
import { hostStructureKey } from '../cpu/mode';
import { peekBytes } from '../memory/cache';
import { cachedUpdate } from '../memory/fill';

/**
 * What Xen keeps of a vCPU’s extended state: XCR0, and the XSAVE area, of which this machine’s cores have XMM0 (Xen
 * xen/arch/x86/include/asm/domain.h, `arch.xcr0` and `arch.xsave_area`; APM vol. 1 §13.6 on the area). Modelled: both lie in
 * the page of `struct cpu_user_regs`, and Xen saves them at every exit and not when another vCPU comes.
 */
export type ExtendedState = Pick<Registers, 'xcr0' | 'xmm0'>;

/** Whole lines behind the general registers. */
const FIRST = 0x80;
const XCR0 = 0;
const XMM0 = LINE_SIZE + 160;
const LENGTH = 4 * LINE_SIZE;

/** Before its first instruction: x87 state only (Xen xen/arch/x86/i387.c, vcpu_init_fpu). */
export const FIRST_EXTENDED: ExtendedState = { xcr0: 1n, xmm0: 0n };

/** The extended state of a vCPU whose page lies at an SPA. */
export function readExtended(p: Platform, complex: number, spa: number): ExtendedState {
  const bytes = peekBytes(p, complex, spa + FIRST, LENGTH, hostStructureKey(p));
  return { xcr0: readU64(bytes, XCR0), xmm0: readU64(bytes, XMM0) | (readU64(bytes, XMM0 + 8) << 64n) };
}

/** Replaces it; what does not change is not written. */
export function writeExtended(p: Platform, complex: number, spa: number, state: ExtendedState): void {
  const key = hostStructureKey(p);
  const before = peekBytes(p, complex, spa + FIRST, LENGTH, key);
  const after = before.slice();
  after.set(u64(state.xcr0), XCR0);
  after.set(u64(BigInt.asUintN(64, state.xmm0)), XMM0);
  after.set(u64(state.xmm0 >> 64n), XMM0 + 8);
  cachedUpdate(p, complex, spa + FIRST, { before, after }, key, OWNER_HYPERVISOR);
}
