import { HUGE_PAGE_SIZE, LARGE_PAGE_SIZE, PAGE_SIZE } from '../core/address';
import type { CoreCell } from '../core/cells';
import type { TlbEntry } from '../core/change';
import { type Outcome, ok, type Rule } from '../core/fault';
import type { Platform } from '../core/platform';
import { tlbSlot } from '../core/stores';
import type { WalkStep } from '../memory/pageTable';
import { badAddress, type Operation } from './pageFaults';
import { type Arrival, walkGuest, walkHost, walkShadow } from './walk';

/**
 * From a virtual address to a system physical one: the host through its own tables, a guest through its tables and the
 * nested ones. Nothing here changes anything; `access.ts` records what was read and fills the TLB.
 */
export interface Translation extends Arrival {
  readonly fromTlb: boolean;
  readonly steps: readonly WalkStep[];
}

/** A refused walk still tells what it read. */
export type Translated = { readonly steps: readonly WalkStep[]; readonly outcome: Outcome<Translation> };

export const TLB_RULE: Rule = {
  id: 'tlb.tag',
  says: 'A TLB entry is tagged with the ASID under which it was made and is used, without a look at the tables, until it is flushed.',
  source: 'APM vol. 2 §15.16, §5.5',
  standing: 'published',
};

/** A write through an entry that forbids it walks again: permissions that were widened need no flush. */
const serves = (held: TlbEntry, op: Operation): boolean => held.writable || op !== 'write';

export function translate(p: Platform, coreId: number, virtual: number, op: Operation): Translated {
  const core = p.state.need('core', coreId);
  const bad = badAddress(virtual, core.domain === null || core.guestPaging);
  if (bad) return { steps: [], outcome: bad };
  const held = lookUp(p, coreId, core, virtual);
  if (held && serves(held, op)) return { steps: [], outcome: ok(fromEntry(held, virtual)) };
  const steps: WalkStep[] = [];
  const walk = core.domain === null ? walkHost : core.nestedPaging ? walkGuest : walkShadow;
  const arrived = walk(p, core, virtual, op, steps);
  return { steps, outcome: arrived.ok ? ok({ ...arrived.value, fromTlb: false, steps }) : arrived };
}

function lookUp(p: Platform, coreId: number, core: CoreCell, virtual: number): TlbEntry | null {
  const tlb = p.state.tlbs[coreId];
  if (!tlb || tlb.size === 0) return null;
  for (const size of [PAGE_SIZE, LARGE_PAGE_SIZE, HUGE_PAGE_SIZE]) {
    const entry = tlb.get(tlbSlot(core.asid, virtual - (virtual % size)));
    if (entry && virtual < entry.page + entry.size) return entry;
  }
  return null;
}

const fromEntry = (entry: TlbEntry, virtual: number): Translation => ({
  spa: entry.target + (virtual - entry.page),
  gpa: entry.gpa === null ? null : entry.gpa + (virtual - entry.page),
  c: entry.c,
  nestedC: entry.nestedC,
  writable: entry.writable,
  size: entry.size,
  fromTlb: true,
  steps: [],
});
