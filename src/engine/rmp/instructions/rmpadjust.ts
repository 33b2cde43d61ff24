import { LARGE_PAGE_SIZE, PAGE_SIZE } from '../../core/address';
import { type Outcome, ok, type Rule } from '../../core/fault';
import type { Platform } from '../../core/platform';
import { VALIDATED } from '../check';
import type { RmpEntry } from '../entry';
import { permissionsOf, withPermissions } from '../permissions';
import { changeRegion, headOf, writeEntry } from '../table';
import {
  alignedCheck,
  coveredPage,
  faultOf,
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
import {
  bits,
  carryOut,
  decide,
  EAX,
  type Ended,
  endedWith,
  type Instruction,
  type InstructionCheck,
  whole,
} from './instruction';

/** A VMPL decides what a less privileged one may do with a page; VMPL0 also whether the page is a VMSA. */
interface Situation extends GuestSituation {
  readonly target: number;
  readonly permissions: number;
  readonly vmsa: boolean;
}

const rule = (id: string, says: string, source: string, standing: Rule['standing']): Rule => ({
  id,
  says,
  source,
  standing,
});

const RMPADJUST_RULES = {
  exists: rule(
    'rmpadjust.exists',
    'The VMPL is one that the processor has (CPUID Fn8000_001F[EBX] bits 15:12).',
    'modelled: MicrosoftDocs cpp-docs docs/intrinsics/rmpadjust.md names FAIL_INPUT without a reason',
    'modelled',
  ),
  lower: rule(
    'rmpadjust.lower',
    'A VMPL changes only less privileged ones, which have higher numbers.',
    'APM vol. 2 §15.36.7; EDK2 and Linux test with it whether they are at VMPL0',
    'published',
  ),
  validated: rule(
    'rmpadjust.validated',
    'The page is validated.',
    'microsoft/verismo source/verismo/src/arch (mem_s.rs)',
    'published',
  ),
  subset: rule(
    'rmpadjust.subset',
    'A VMPL grants no more than it has itself on the page.',
    'APM vol. 2 §15.36.7',
    'published',
  ),
  written: rule(
    'rmpadjust.written',
    'The permissions are stored, the VMSA bit only from VMPL0. Translations that cores hold stay until they are flushed.',
    'MicrosoftDocs cpp-docs docs/intrinsics/rmpadjust.md; APM vol. 2 §15.36.7',
    'published',
  ),
} as const;

/** How many VMPLs the processor has. */
const levels = (p: Platform): number => (p.state.need('cpuid').fn8000001f.ebx >>> 12) & 0xf;

/** The VMPL of an operand exists. */
export const levelExists = ({ p, target }: { readonly p: Platform; readonly target: number }): boolean =>
  target < levels(p);

export const validatedCheck: InstructionCheck<GuestSituation> = {
  rule: RMPADJUST_RULES.validated,
  ends: '#VC',
  refuses: (situation) => (coveredPage(situation).entry.validated ? false : faultOf(situation, VALIDATED)),
  remedy: 'PVALIDATE before.',
};

/** An entry as the instruction leaves it: the VMSA bit is VMPL0’s alone. */
const adjusted = (entry: RmpEntry, { context, target, permissions, vmsa }: Situation): RmpEntry => ({
  ...entry,
  permissions: withPermissions(entry.permissions, target, permissions),
  vmsa: context.vmpl === 0 ? vmsa : entry.vmsa,
});

function adjust(situation: Situation): Ended {
  const { p, target, permissions } = situation;
  const { mapping, entry } = coveredPage(situation);
  const spa = entry.large ? headOf(mapping.spa) : mapping.spa;
  p.trace.fact('note', { what: 'permissions', spa, target, permissions }, RMPADJUST_RULES.written);
  writeEntry(p, spa, adjusted(entry, situation));
  return endedWith('SUCCESS');
}

export const RMPADJUST: Instruction<Situation, Ended> = {
  name: 'RMPADJUST',
  opcode: 'f30f01fe',
  takes: {
    gva: whole('RAX'),
    large: bits('RCX', 0),
    target: bits('RDX', 0, 8),
    permissions: bits('RDX', 8, 8),
    vmsa: bits('RDX', 16),
  },
  gives: EAX,
  checks: [
    modeCheck,
    cplCheck,
    alignedCheck,
    {
      rule: RMPADJUST_RULES.exists,
      ends: 'FAIL_INPUT',
      refuses: (situation) => !levelExists(situation),
      remedy: 'A VMPL from 0 to 3.',
    },
    {
      rule: RMPADJUST_RULES.lower,
      ends: 'FAIL_PERMISSION',
      refuses: ({ context, target }) => target <= context.vmpl,
      remedy: 'A less privileged VMPL as target.',
    },
    ...walkChecks,
    ownedCheck,
    smallerCheck,
    validatedCheck,
    largerCheck,
    {
      rule: RMPADJUST_RULES.subset,
      ends: 'FAIL_PERMISSION',
      refuses: (situation) => {
        const own = permissionsOf(coveredPage(situation).entry, situation.context.vmpl);
        return (situation.permissions & ~own) !== 0;
      },
      remedy: 'Permissions that the running VMPL has itself.',
    },
  ],
  run: adjust,
  failed: (ended) => ended,
  shows: ({ eax }) => ({ eax }),
};

/** RMPADJUST: RAX the GVA, RCX bit 0 the size, RDX the target VMPL (7:0), its permissions (15:8) and the VMSA bit (16). */
export function rmpadjust(
  p: Platform,
  operands: {
    readonly gva: number;
    readonly large: boolean;
    readonly target: number;
    readonly permissions: number;
    readonly vmsa: boolean;
  },
  context: GuestContext,
): Outcome<Ended> {
  const { target, permissions, vmsa } = operands;
  const situation = { ...guestSituation(p, context, operands), target, permissions, vmsa };
  return carryOut(p, context.actor, RMPADJUST, { ...operands }, situation);
}

/**
 * RMPADJUST of neighbouring pages of 4 KiB, one after the other, which the record tells as one step; the VMSA bit is cleared. Ends
 * at the first that is refused; those before it have changed.
 */
export const rmpadjustRun = (
  p: Platform,
  operands: {
    readonly gva: number;
    readonly pages: number;
    readonly target: number;
    readonly permissions: number;
  },
  context: GuestContext,
): Outcome<Ended> =>
  p.trace.span('core', context.actor, 'RMPADJUST', { ...operands }, () => {
    const { gva, pages, target, permissions } = operands;
    const reached = new Map<number, Map<number, Situation>>();
    let ended: Outcome<Ended> | null = null;
    for (let page = 0; page < pages && !ended; page++) {
      const one = { gva: gva + page * PAGE_SIZE, large: false };
      const situation = { ...guestSituation(p, context, one), target, permissions, vmsa: false };
      ended = decide(RMPADJUST, situation);
      if (ended) break;
      const { spa } = coveredPage(situation).mapping;
      const region = reached.get(headOf(spa)) ?? new Map<number, Situation>();
      reached.set(headOf(spa), region.set((spa % LARGE_PAGE_SIZE) / PAGE_SIZE, situation));
    }
    for (const [head, found] of reached) {
      const note = { what: 'permissions', spa: head, pages: found.size, target, permissions };
      p.trace.fact('note', note, RMPADJUST_RULES.written);
      changeRegion(p, head, (entry, index) => {
        const situation = found.get(index);
        return situation ? adjusted(entry, situation) : entry;
      });
    }
    if (ended && !ended.ok) p.trace.refused(ended);
    return ended ?? ok(endedWith('SUCCESS'));
  });
