import { LARGE_PAGE_SIZE, PAGE_SIZE } from '../../core/address';
import { type Outcome, ok, type Rule } from '../../core/fault';
import type { Platform } from '../../core/platform';
import { changeRegion, headOf, writeEntry } from '../table';
import { dropTranslations } from '../translations';
import {
  alignedCheck,
  coveredPage,
  type GuestContext,
  type GuestSituation,
  guestSituation,
  largerCheck,
  modeCheck,
  ownedCheck,
  smallerCheck,
  walkChecks,
} from './guest';
import { cplCheck } from './host';
import { bits, carryOut, decide, EAX, type Ended, endedWith, type Instruction, whole } from './instruction';

/** The guest accepts a page, or gives it up. Neither clears or encrypts it. */
interface Situation extends GuestSituation {
  readonly validated: boolean;
}

export interface PvalidateEnd extends Ended {
  /** CF: nothing has changed, validated had the value already. Clear with every code but SUCCESS. */
  readonly carry: boolean;
}

const PVALIDATE_RULES = {
  vmpl: {
    id: 'pvalidate.vmpl',
    says: 'Only VMPL0 validates pages.',
    source:
      'modelled: Linux Documentation/arch/x86/amd-memory-encryption.rst demands it, microsoft/verismo raises #GP; no document lists a code',
    standing: 'modelled',
  },
  same: {
    id: 'pvalidate.same',
    says: 'CF tells that validated had the value already; nothing has changed. It does not tell of a second page for the same GPA.',
    source: 'APM vol. 2 §15.36.6; Linux arch/x86/include/asm/sev.h (pvalidate)',
    standing: 'published',
  },
  changed: {
    id: 'pvalidate.changed',
    says: 'PVALIDATE sets or clears validated and leaves the bytes of the page as they are.',
    source: 'APM vol. 2 §15.36.6',
    standing: 'published',
  },
} as const satisfies Record<string, Rule>;

function validate(situation: Situation): PvalidateEnd {
  const { p, validated } = situation;
  const { mapping, entry } = coveredPage(situation);
  const spa = entry.large ? headOf(mapping.spa) : mapping.spa;
  const same = entry.validated === validated;
  p.trace.fact(
    'note',
    { what: 'validated', spa, before: entry.validated, after: validated },
    same ? PVALIDATE_RULES.same : PVALIDATE_RULES.changed,
  );
  if (!same) {
    writeEntry(p, spa, { ...entry, validated });
    dropTranslations(p, spa, entry.large ? LARGE_PAGE_SIZE : PAGE_SIZE);
  }
  return { ...endedWith('SUCCESS'), carry: same };
}

export const PVALIDATE: Instruction<Situation, PvalidateEnd> = {
  name: 'PVALIDATE',
  opcode: 'f20f01ff',
  takes: { gva: whole('RAX'), large: bits('RCX', 0), validated: bits('RDX', 0) },
  gives: { ...EAX, carry: whole('CF', 1) },
  checks: [
    modeCheck,
    cplCheck,
    {
      rule: PVALIDATE_RULES.vmpl,
      ends: '#GP',
      refuses: ({ context }) => context.vmpl !== 0,
      remedy: 'VMPL0.',
    },
    alignedCheck,
    ...walkChecks,
    ownedCheck,
    smallerCheck,
    largerCheck,
  ],
  run: validate,
  failed: (ended) => ({ ...ended, carry: false }),
  shows: ({ eax, carry }) => ({ eax, carry }),
};

/** PVALIDATE: RAX the GVA, ECX bit 0 the size, EDX bit 0 what validated is to be. */
export function pvalidate(
  p: Platform,
  operands: { readonly gva: number; readonly large: boolean; readonly validated: boolean },
  context: GuestContext,
): Outcome<PvalidateEnd> {
  const { gva, large, validated } = operands;
  const situation = { ...guestSituation(p, context, operands), validated };
  return carryOut(p, context.actor, PVALIDATE, { gva, large, validated }, situation);
}

/**
 * PVALIDATE of neighbouring pages of 4 KiB, one after the other, which the record tells as one step. Ends at the first that is
 * refused or has the value already; those before it have changed.
 */
export const pvalidateRun = (
  p: Platform,
  { gva, pages, validated }: { readonly gva: number; readonly pages: number; readonly validated: boolean },
  context: GuestContext,
): Outcome<PvalidateEnd> =>
  p.trace.span('core', context.actor, 'PVALIDATE', { gva, pages, validated }, () => {
    const reached = new Map<number, Set<number>>();
    let ended: Outcome<PvalidateEnd> | null = null;
    for (let page = 0; page < pages && !ended; page++) {
      const operands = { gva: gva + page * PAGE_SIZE, large: false };
      const situation = { ...guestSituation(p, context, operands), validated };
      ended = decide(PVALIDATE, situation);
      if (ended) break;
      const { mapping, entry } = coveredPage(situation);
      if (entry.validated === validated) ended = ok({ ...endedWith('SUCCESS'), carry: true });
      else within(reached, headOf(mapping.spa)).add((mapping.spa % LARGE_PAGE_SIZE) / PAGE_SIZE);
    }
    for (const [head, found] of reached) {
      p.trace.fact(
        'note',
        { what: 'validated', spa: head, pages: found.size, after: validated },
        PVALIDATE_RULES.changed,
      );
      changeRegion(p, head, (entry, i) => (found.has(i) ? { ...entry, validated } : entry));
      dropTranslations(p, head, LARGE_PAGE_SIZE);
    }
    if (ended && !ended.ok) p.trace.refused(ended);
    return ended ?? ok({ ...endedWith('SUCCESS'), carry: false });
  });

function within(regions: Map<number, Set<number>>, head: number): Set<number> {
  const found = regions.get(head) ?? new Set<number>();
  regions.set(head, found);
  return found;
}
