import { GUEST_BASE } from '../core/address';
import { type Outcome, ok } from '../core/fault';
import type { Platform } from '../core/platform';
import { EXIT } from '../cpu/exits';
import { exitInfoOf } from '../cpu/pageFaults';
import { NESTED_FAULT_BITS } from '../memory/faultBits';
import { enterGuest } from '../xen/domain';
import { smashGuestPage } from '../xen/exits/pageState';
import { leaveGuest } from '../xen/stub';
import { answerWatched, isWatched } from '../xen/watch';
import { coreOf, type Vcpu } from './memory';

/**
 * An instruction for the RMP in a guest that ended with a fault. #NPF: the core leaves; a wrong size and a page that Xen follows are
 * its own to mend (true: try again), everything else stays refused. `refused` may have succeeded: then there is nothing to try again.
 */
export function mended(p: Platform, vcpu: Vcpu, gva: number, refused: Outcome<unknown>): Outcome<boolean> {
  if (refused.ok || refused.fault.name !== '#NPF') return refused.ok ? ok(false) : refused;
  const core = coreOf(p, vcpu);
  const { info1, info2 } = exitInfoOf(refused.fault);
  leaveGuest(p, core, { code: EXIT.NPF, info1, info2 });
  const sizes = ((info1 >> BigInt(NESTED_FAULT_BITS.SIZEM)) & 1n) !== 0n;
  if (!sizes && !isWatched(p, vcpu.domain, refused.fault)) return refused;
  const mend = sizes
    ? smashGuestPage(p, vcpu.domain, gva - GUEST_BASE)
    : answerWatched(p, vcpu.domain, refused.fault);
  if (!mend.ok) return mend;
  const entered = enterGuest(p, vcpu.domain, core, vcpu.vcpu);
  return entered.ok ? ok(true) : entered;
}

/** The instruction, again for as long as Xen mends what was in its way. */
export function tryAgain<T>(p: Platform, vcpu: Vcpu, gva: number, run: () => Outcome<T>): Outcome<T> {
  for (;;) {
    const outcome = run();
    if (outcome.ok) return outcome;
    const again: Outcome<unknown> = mended(p, vcpu, gva, outcome);
    if (!again.ok) return again;
  }
}
