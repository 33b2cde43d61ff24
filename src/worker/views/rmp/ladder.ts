import { GUEST_BASE, PAGE_SIZE } from '../../../engine/core/address';
import type { FactChange } from '../../../engine/core/change';
import type { Platform } from '../../../engine/core/platform';
import { walkOnly } from '../../../engine/cpu/translate';
import { gpaOf, modeOf, onCore } from '../../../engine/look';
import { NESTED_FAULT_BITS, PAGE_FAULT_BITS } from '../../../engine/memory/faultBits';
import type { RmpAccess } from '../../../engine/rmp/access';
import { rmpCheckOn } from '../../../engine/rmp/check';
import { entryFor } from '../../../engine/rmp/consult';
import { type RmpEntry, rmpEntry } from '../../../engine/rmp/entry';
import { rmpFault } from '../../../engine/rmp/faults';
import { ladder } from '../../../engine/rmp/ladder';
import { readEntry } from '../../../engine/rmp/table';
import { domainNamed } from '../../../engine/xen/domain';
import { hostVirtual } from '../../../engine/xen/host';
import type { Journal } from '../../../history/journal';
import type { RmpLadderView, RmpQuestion } from '../../rmpProtocol';
import { guestOfAsid } from './table';

/** Most changes that are looked through, back from the cursor. */
const REACH = 50_000;

interface Asked {
  readonly access: RmpAccess;
  readonly entry: RmpEntry | null;
  readonly spa: number;
  readonly virtual: number;
  readonly change: number | null;
  readonly fromTlb: boolean;
}

/** What the record keeps of a question to the table: see `cpu/rmpAsked.ts`. */
interface Recorded {
  readonly spa: number;
  readonly access: Omit<RmpAccess, 'user'>;
  readonly entry: Partial<RmpEntry> | null;
  readonly from: 'RMP' | 'TLB' | 'nothing';
}

/** The last access up to the cursor about which the table was asked; null: none is near. */
export function lastLadder(p: Platform, journal: Journal, cursor: number): RmpLadderView | null {
  const first = Math.max(journal.firstKept, cursor - REACH);
  for (let index = Math.min(cursor, journal.length) - 1; index >= first; index--) {
    const change = journal.at(index);
    if (change.store !== 'fact' || change.what !== 'rmp') continue;
    return told(p, recorded(change, index + 1));
  }
  return null;
}

function recorded({ data }: FactChange, change: number): Asked {
  const { spa, access, entry, from } = data as unknown as Recorded;
  return {
    access: { ...access, user: false },
    entry: entry && rmpEntry(entry),
    spa,
    virtual: spa,
    change,
    fromTlb: from === 'TLB',
  };
}

/** What would happen if somebody accessed a page now; null: there is no such guest. */
export function whatIf(p: Platform, question: RmpQuestion): RmpLadderView | null {
  const { who, kind, pfn } = question;
  const spa = pfn * PAGE_SIZE;
  const nobody = { asid: 0, vmpl: 0, user: false, gpa: 0, c: false, large: false } as const;
  const ask = (access: RmpAccess, virtual: number): RmpLadderView =>
    told(p, { access, virtual, spa, entry: entryFor(p, spa, access), change: null, fromTlb: false });
  if (who === 'firmware' || who === 'device') return ask({ ...nobody, actor: who, kind }, spa);
  if (who !== 'xen') return byGuest(p, question, ask);
  const virtual = hostVirtual(spa, 'mapped');
  return ask({ ...nobody, actor: 'host', kind, large: kind !== 'walk' && isLarge(p, who, virtual) }, virtual);
}

/**
 * A guest reaches the page under the GPA at which it has it; a foreign page as if the nested tables led there from the GPA of
 * its entry: the best that a hypervisor can do.
 */
function byGuest(
  p: Platform,
  { who, kind, c, vmpl, pfn }: RmpQuestion,
  ask: (access: RmpAccess, virtual: number) => RmpLadderView,
): RmpLadderView | null {
  const domain = domainNamed(p, who);
  if (!domain.ok) return null;
  const snp = modeOf(p, who)?.cell.snp === true;
  const spa = pfn * PAGE_SIZE;
  const own = gpaOf(domain.value, spa);
  const gpa = own ?? readEntry(p, spa)?.gpa ?? 0;
  const virtual = gpa + GUEST_BASE;
  const { asid } = domain.value;
  const actor = snp ? 'snp-guest' : 'guest';
  const large = own !== null && isLarge(p, who, virtual);
  const update = kind === 'walk' && !snp;
  return ask(
    {
      actor,
      kind: update ? 'update' : kind,
      c: c || kind === 'fetch' || kind === 'walk',
      asid,
      vmpl: snp ? vmpl : 0,
      user: false,
      gpa,
      large,
    },
    virtual,
  );
}

/** Do the tables lead there by a mapping of 2 MiB or more? */
function isLarge(p: Platform, who: string, virtual: number): boolean {
  const mode = modeOf(p, who);
  if (!mode) return false;
  const arrived = walkOnly(onCore(p, mode), mode.id, virtual);
  return arrived.ok && arrived.value.large;
}

function told(p: Platform, { access, entry, spa, virtual, change, fromTlb }: Asked): RmpLadderView {
  const { row, rungs, end } = fromTlb
    ? { ...ladder(null, access), rungs: [], end: 'allowed' as const }
    : ladder(entry, access, p.config.without);
  const step = fromTlb ? null : rmpCheckOn(p.config, entry, access);
  const fault = step && rmpFault(step, entry, access, { virtual, spa });
  const { actor, kind, c, asid, vmpl, gpa, large } = access;
  return {
    access: { actor, kind, c, asid, vmpl, gpa, large },
    spa,
    guest: guestOfAsid(p, asid),
    row,
    rungs,
    end,
    fault,
    bits: bitsOf(fault?.inputs.errorCode, PAGE_FAULT_BITS, end === '#PF').concat(
      bitsOf(fault?.inputs.exitInfo1, NESTED_FAULT_BITS, end === '#NPF'),
    ),
    change,
    fromTlb,
  };
}

const bitsOf = (code: unknown, names: Readonly<Record<string, number>>, counts: boolean): string[] =>
  counts && typeof code === 'number'
    ? Object.entries(names)
        .filter(([, bit]) => Math.floor(code / 2 ** bit) % 2 === 1)
        .map(([name]) => name)
    : [];
