import type { Outcome, Rule } from '../../core/fault';
import type { Platform } from '../../core/platform';
import { VALIDATED } from '../check';
import { permissionsOf, withPermissions } from '../permissions';
import { headOf, writeEntry } from '../table';
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

function adjust(situation: Situation): Ended {
  const { p, context, target, permissions, vmsa } = situation;
  const { mapping, entry } = coveredPage(situation);
  const spa = entry.large ? headOf(mapping.spa) : mapping.spa;
  const after = {
    permissions: withPermissions(entry.permissions, target, permissions),
    vmsa: context.vmpl === 0 ? vmsa : entry.vmsa,
  };
  p.trace.fact('note', { what: 'permissions', spa, target, permissions }, RMPADJUST_RULES.written);
  writeEntry(p, spa, { ...entry, ...after });
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
