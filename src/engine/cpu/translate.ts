import { HUGE_PAGE_SIZE, LARGE_PAGE_SIZE, PAGE_SIZE } from '../core/address';
import type { CoreCell } from '../core/cells';
import type { RmpVerdict, TlbEntry } from '../core/change';
import { type Outcome, ok, type Rule } from '../core/fault';
import type { Platform } from '../core/platform';
import { tlbSlot } from '../core/stores';
import type { WalkStep } from '../memory/pageTable';
import { snpEnabled } from '../rmp/table';
import { badAddress, type Operation } from './pageFaults';
import { type Asked, answers, askedOfTlb, askFor, keptSize, refusalOfRmp, verdictOn } from './rmpGate';
import { type Arrival, type Walked, walkGuest, walkHost, walkShadow } from './walk';

/**
 * From a virtual address to a system physical one: the host through its own tables, a guest through its tables and the
 * nested ones. Nothing here changes anything; `access.ts` records what was read and fills the TLB.
 */
export interface Translation extends Arrival {
  readonly fromTlb: boolean;
  readonly steps: readonly WalkStep[];
  /** For a TLB entry, while SNP is enabled. */
  readonly rmp: RmpVerdict | null;
}

/** A refused walk still tells what it read, and what the RMP was asked; null while SNP is not enabled, or nothing was. */
export type Translated = {
  readonly steps: readonly WalkStep[];
  readonly asked: Asked | null;
  readonly outcome: Outcome<Translation>;
};

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
  if (bad) return { steps: [], asked: null, outcome: bad };
  const snp = snpEnabled(p);
  const held = lookUp(p, coreId, core, virtual);
  if (held && serves(held, op) && (!snp || answers(core, held, op))) {
    const found = fromEntry(held, virtual);
    return { steps: [], asked: snp ? askedOfTlb(core, op, found) : null, outcome: ok(found) };
  }
  const steps: WalkStep[] = [];
  const arrived = walk(p, core, virtual, op, steps);
  if (!arrived.ok) return { steps, asked: arrived.asked ?? null, outcome: arrived };
  if (!snp)
    return { steps, asked: null, outcome: ok({ ...arrived.value, fromTlb: false, steps, rmp: null }) };
  return { steps, ...checked(p, core, virtual, op, arrived.value, steps) };
}

const walk = (p: Platform, core: CoreCell, ...way: [number, Operation, WalkStep[]]): Walked =>
  (core.domain === null ? walkHost : core.nestedPaging ? walkGuest : walkShadow)(p, core, ...way);

/** What the RMP says of a translation, and what a TLB entry is to keep of that. */
function checked(
  p: Platform,
  core: CoreCell,
  virtual: number,
  op: Operation,
  arrived: Arrival,
  steps: readonly WalkStep[],
): Omit<Translated, 'steps'> {
  const asked = askFor(p, core, op, arrived);
  const fault = refusalOfRmp(asked, virtual);
  if (fault) return { asked, outcome: { ok: false, fault } };
  const size = keptSize(arrived.size);
  return {
    asked,
    outcome: ok({ ...arrived, size, fromTlb: false, steps, rmp: verdictOn(p, core, arrived) }),
  };
}

/**
 * Where the tables of a core’s mode lead for a read, whatever a TLB holds and the RMP says of the page itself: what an
 * instruction that is about the page’s entry begins with.
 */
export function walkOnly(p: Platform, coreId: number, virtual: number): Outcome<Arrival> {
  const core = p.state.need('core', coreId);
  return badAddress(virtual, core.domain === null || core.guestPaging) ?? walk(p, core, virtual, 'read', []);
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
  large: entry.rmp?.large ?? entry.size >= LARGE_PAGE_SIZE,
  fromTlb: true,
  steps: [],
  rmp: entry.rmp ?? null,
});
