import { LARGE_PAGE_SIZE, PAGE_SIZE, pageBase } from '../../core/address';
import { type Outcome, ok, type Rule } from '../../core/fault';
import type { Platform } from '../../core/platform';
import { leaveBehind } from '../../memory/cache';
import { EMPTY, type RmpEntry, rmpEntry } from '../entry';
import { isInUse } from '../inUse';
import { ALL_PERMISSIONS } from '../permissions';
import { type RmpRecord, unpackRecord } from '../record';
import { changeRegion, headOf, readEntry, regionEntries, writeEntry } from '../table';
import { dropTranslations } from '../translations';
import { cplCheck, type HostContext, type HostSituation, hostCheck, modeCheck, onlyEax } from './host';
import { carryOut, decide, EAX, type Ended, endedWith, type Instruction, whole } from './instruction';

/** The hypervisor gives a page to a guest or to the firmware, or takes it back. */
interface Situation extends HostSituation {
  /** The new state; null: with reserved bits. */
  readonly wanted: RmpRecord | null;
  readonly old: RmpEntry | null;
}

const SOURCE = 'MicrosoftDocs cpp-docs docs/intrinsics/rmpupdate.md; Linux arch/x86/virt/svm/sev.c';
const rule = (id: string, says: string, source: string, standing: Rule['standing']): Rule => ({
  id,
  says,
  source,
  standing,
});

const RMPUPDATE_RULES = {
  aligned: rule(
    'rmpupdate.aligned',
    'A page of 2 MiB begins at a multiple of 2 MiB.',
    'MicrosoftDocs cpp-docs docs/intrinsics/rmpupdate.md',
    'published',
  ),
  input: rule(
    'rmpupdate.input',
    'The page is covered by the RMP, and reserved bits of the new state are 0; the GPA of a page of 2 MiB is a multiple of 2 MiB.',
    'modelled: APM vol. 3 could not be compared; cpu-and-rmp.md E.4',
    'modelled',
  ),
  unassigned: rule(
    'rmpupdate.unassigned',
    'A page that is not assigned has no ASID and is not immutable.',
    'modelled: that this is FAIL_INPUT; microsoft/verismo calls it a lack of permission',
    'modelled',
  ),
  immutable: rule(
    'rmpupdate.immutable',
    'An immutable entry changes only through the firmware; nor can 2 MiB that hold one be replaced (the latter is modelled).',
    'MicrosoftDocs cpp-docs docs/intrinsics/rmpupdate.md',
    'published',
  ),
  inUse: rule('rmpupdate.in-use', 'The page is not in use by hardware.', SOURCE, 'published'),
  overlap: rule(
    'rmpupdate.overlap',
    'A page of 4 KiB does not lie in an assigned one of 2 MiB, and one of 2 MiB replaces no assigned one of 4 KiB.',
    SOURCE,
    'published',
  ),
  same: rule(
    'rmpupdate.same',
    'If assigned, ASID, GPA and size stay as they are, only immutable changes: validation, VMSA and permissions stay.',
    'heracles-attack/swap-attack-kmods; AMD-ASPFW (SNP_PAGE_MOVE, SNP_PAGE_UNSMASH); microsoft/verismo has both answers',
    'published',
  ),
  changed: rule(
    'rmpupdate.changed',
    'A change of assigned, ASID, GPA or size clears validated and VMSA; VMPL0 may do everything, the others nothing.',
    'APM vol. 2 §15.36.6, §15.36.7, §15.36.11',
    'published',
  ),
} as const;

const sizeOf = (wanted: RmpRecord | null): number => (wanted?.large ? LARGE_PAGE_SIZE : PAGE_SIZE);

/** The entries that an update would replace. */
const replaced = ({ p, spa, wanted, old }: Situation): readonly RmpEntry[] =>
  wanted?.large && old ? regionEntries(p, spa) : old ? [old] : [];

function overlaps({ p, spa, wanted, old }: Situation): boolean {
  if (wanted?.large) return old !== null && !old.large && (old.assigned || old.subPageCount > 0);
  const head = readEntry(p, headOf(spa));
  return head?.assigned === true && head.large;
}

const isSame = (old: RmpEntry, { assigned, large, gpa, asid }: RmpRecord): boolean =>
  old.assigned === assigned && old.asid === asid && old.gpa === gpa && (old.large === large || !assigned);

/** The entry that an update leaves. */
function updated(old: RmpEntry, wanted: RmpRecord): RmpEntry {
  const { assigned, large, immutable, gpa, asid } = wanted;
  if (!assigned) return EMPTY;
  if (isSame(old, wanted)) return { ...old, immutable };
  return rmpEntry({ assigned, large, immutable, gpa, asid, permissions: ALL_PERMISSIONS });
}

function noteChange(p: Platform, spa: number, same: boolean): void {
  p.trace.fact(
    'note',
    { what: same ? 'only immutable changes' : 'the page changes', spa },
    same ? RMPUPDATE_RULES.same : RMPUPDATE_RULES.changed,
  );
}

/** RMPUPDATE empties no cache. */
function leaveLines(p: Platform, spa: number, length: number, { assigned, asid }: RmpRecord): void {
  if (assigned && asid !== 0) leaveBehind(p, spa, length, asid);
}

function update({ p, spa, wanted, old }: Situation): Ended {
  if (!wanted || !old) throw new Error('no check has refused nothing');
  noteChange(p, spa, isSame(old, wanted));
  writeEntry(p, spa, updated(old, wanted));
  dropTranslations(p, spa, sizeOf(wanted));
  if (!isSame(old, wanted)) leaveLines(p, spa, sizeOf(wanted), wanted);
  return endedWith('SUCCESS');
}

export const RMPUPDATE: Instruction<Situation, Ended> = {
  name: 'RMPUPDATE',
  opcode: 'f20f01fe',
  takes: { spa: whole('RAX'), record: whole('RCX') },
  gives: EAX,
  checks: [
    modeCheck,
    cplCheck,
    hostCheck,
    {
      rule: RMPUPDATE_RULES.aligned,
      ends: 'FAIL_INPUT',
      refuses: ({ spa, wanted }) => wanted?.large === true && spa % LARGE_PAGE_SIZE !== 0,
      remedy: 'An SPA that is a multiple of 2 MiB.',
    },
    {
      rule: RMPUPDATE_RULES.input,
      ends: 'FAIL_INPUT',
      refuses: ({ wanted, old }) => !old || !wanted || (wanted.large && wanted.gpa % LARGE_PAGE_SIZE !== 0),
      remedy: 'A page that the table covers, and a state without reserved bits.',
    },
    {
      rule: RMPUPDATE_RULES.unassigned,
      ends: 'FAIL_INPUT',
      refuses: ({ wanted }) => wanted?.assigned === false && (wanted.immutable || wanted.asid !== 0),
      remedy: 'Assigned = 1, or neither an ASID nor Immutable.',
    },
    {
      rule: RMPUPDATE_RULES.immutable,
      ends: 'FAIL_PERMISSION',
      refuses: (situation) => replaced(situation).some(({ immutable }) => immutable),
      remedy: 'The firmware would have to give the page back: SNP_PAGE_RECLAIM, or the end of a launch.',
    },
    {
      rule: RMPUPDATE_RULES.inUse,
      ends: 'FAIL_INUSE',
      refuses: ({ p, spa, wanted }) => isInUse(p, spa, sizeOf(wanted)),
      remedy: 'The vCPU would have to exit.',
    },
    {
      rule: RMPUPDATE_RULES.overlap,
      ends: 'FAIL_OVERLAP',
      refuses: overlaps,
      remedy: 'PSMASH of the large page, or its 4 KiB pages unassigned.',
    },
  ],
  run: update,
  ...onlyEax,
};

/**
 * RMPUPDATE of the page at an SPA, to the 16 bytes of state to which RCX points. Reads nothing else of memory: the caller has
 * read them.
 */
export function rmpupdate(
  p: Platform,
  operands: { readonly spa: number; readonly state: Uint8Array },
  context: HostContext,
): Outcome<Ended> {
  const spa = pageBase(operands.spa);
  const wanted = unpackRecord(operands.state);
  const args = { spa, ...(wanted ?? { reserved: true }) };
  return carryOut(p, context.actor, RMPUPDATE, args, { p, context, spa, wanted, old: readEntry(p, spa) });
}

/**
 * RMPUPDATE of neighbouring pages of 4 KiB, one after the other, which the record tells as one step (2 MiB at a time); their
 * GPAs follow each other, too. Ends at the first page that is refused: those before it have changed.
 */
export const rmpupdateRun = (
  p: Platform,
  { spa, pages, ...wanted }: Omit<RmpRecord, 'large' | 'regionAssigned'> & { spa: number; pages: number },
  context: HostContext,
): Outcome<Ended> =>
  p.trace.span('core', context.actor, 'RMPUPDATE', { spa, pages, ...wanted }, () => {
    for (let at = spa; at < spa + pages * PAGE_SIZE; ) {
      const end = Math.min(spa + pages * PAGE_SIZE, headOf(at) + LARGE_PAGE_SIZE);
      const record = { ...wanted, gpa: wanted.assigned ? wanted.gpa + at - spa : 0 };
      const done = updateInRegion(p, at, end, { ...record, large: false, regionAssigned: false }, context);
      if (!done.ok || done.value.code !== 'SUCCESS') return done;
      at = end;
    }
    return ok(endedWith('SUCCESS'));
  });

/** Pages of one region of 2 MiB, `wanted` being the state of the first. */
function updateInRegion(
  p: Platform,
  from: number,
  to: number,
  wanted: RmpRecord,
  context: HostContext,
): Outcome<Ended> {
  const recordOf = (spa: number): RmpRecord => ({
    ...wanted,
    gpa: wanted.assigned ? wanted.gpa + spa - from : 0,
  });
  let at = from;
  let refused: Outcome<Ended> | null = null;
  for (; at < to && !refused; at += refused ? 0 : PAGE_SIZE)
    refused = decide(RMPUPDATE, {
      p,
      context,
      spa: at,
      wanted: recordOf(at),
      old: readEntry(p, at),
    });
  if (at > from) {
    noteChange(p, from, false);
    const first = (from - headOf(from)) / PAGE_SIZE;
    const count = (at - from) / PAGE_SIZE;
    changeRegion(p, from, (entry, i) =>
      i >= first && i < first + count ? updated(entry, recordOf(headOf(from) + i * PAGE_SIZE)) : entry,
    );
    dropTranslations(p, from, at - from);
    leaveLines(p, from, at - from, wanted);
  }
  return refused ?? ok(endedWith('SUCCESS'));
}
