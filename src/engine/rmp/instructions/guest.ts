import { LARGE_PAGE_SIZE } from '../../core/address';
import type { Fault, Outcome, Rule } from '../../core/fault';
import type { Platform } from '../../core/platform';
import type { RmpAccess } from '../access';
import { firstFailed, OWNERSHIP, type RmpStep } from '../check';
import { pageSize } from '../checks';
import type { RmpEntry } from '../entry';
import { rmpFault } from '../faults';
import { authoritative } from '../table';
import type { InstructionCheck } from './instruction';

/** Where a guest’s tables and the nested ones lead. */
export interface Mapping {
  readonly gpa: number;
  readonly spa: number;
  /** The nested mapping is of 2 MiB or 1 GiB. */
  readonly large: boolean;
}

/** In what a vCPU executes an instruction of the guest. */
export interface GuestContext {
  /** For the record: `alice`. */
  readonly actor: string;
  /** SEV_FEATURES bit 0 of its VMSA. */
  readonly snpActive: boolean;
  readonly longMode: boolean;
  readonly cpl: number;
  readonly vmpl: number;
  readonly asid: number;
  /** Walks the tables for a GVA, with all the checks that a read of them has. Asked once, and only when it comes to that. */
  readonly translate: (gva: number) => Outcome<Mapping>;
}

export interface GuestSituation {
  readonly p: Platform;
  readonly context: GuestContext;
  readonly gva: number;
  /** The operand says 2 MiB. */
  readonly large: boolean;
  readonly arrived: () => Outcome<Mapping>;
}

/** The page that an instruction is about, once its checks have walked there. */
export interface Page {
  readonly mapping: Mapping;
  readonly entry: RmpEntry | null;
}

export function guestSituation(
  p: Platform,
  context: GuestContext,
  { gva, large }: { readonly gva: number; readonly large: boolean },
): GuestSituation {
  let found: Outcome<Mapping> | null = null;
  const arrived = () => {
    found ??= context.translate(gva);
    return found;
  };
  return { p, context, gva, large, arrived };
}

/** @throws Error when the walk was refused: a check has let it pass, a bug of ours. */
function pageOf({ p, arrived }: GuestSituation): Page {
  const outcome = arrived();
  if (!outcome.ok) throw new Error(outcome.fault.message);
  return { mapping: outcome.value, entry: authoritative(p, outcome.value.spa) };
}

/** The same with an entry. @throws Error without one: a bug of ours. */
export function coveredPage(situation: GuestSituation): Page & { readonly entry: RmpEntry } {
  const { mapping, entry } = pageOf(situation);
  if (!entry) throw new Error('no check has refused a page that is not covered');
  return { mapping, entry };
}

/** The access that stands for the instruction where it is checked like one: a private read (modelled). */
const asAccess = ({ context: { asid, vmpl }, large }: GuestSituation, { gpa }: Mapping): RmpAccess => ({
  actor: 'snp-guest',
  kind: 'read',
  c: true,
  asid,
  vmpl,
  user: false,
  gpa,
  large,
});

export function faultOf(situation: GuestSituation, step: RmpStep): Fault {
  const { mapping, entry } = pageOf(situation);
  const target = { virtual: situation.gva, spa: mapping.spa };
  return rmpFault(step, entry, asAccess(situation, mapping), target);
}

const rule = (id: string, says: string, source: string, standing: Rule['standing']): Rule => ({
  id,
  says,
  source,
  standing,
});

const GUEST_RULES = {
  mode: rule(
    'rmp.guest-mode',
    'PVALIDATE, RMPADJUST and RMPQUERY exist in 64-bit mode of a guest that is SNP-active.',
    'modelled: microsoft/verismo has #GP outside a guest; cpu-and-rmp.md E.4',
    'modelled',
  ),
  aligned: rule(
    'rmp.guest-aligned',
    'For a page of 2 MiB the address is a multiple of 2 MiB.',
    'MicrosoftDocs cpp-docs docs/intrinsics/pvalidate.md and rmpadjust.md',
    'published',
  ),
  guestWalk: rule(
    'rmp.guest-walk',
    'The guest’s tables translate the address.',
    'microsoft/verismo source/verismo/src/arch (mem_s.rs)',
    'published',
  ),
  nestedWalk: rule(
    'rmp.nested-walk',
    'The nested tables translate the guest physical address.',
    'microsoft/verismo source/verismo/src/arch (mem_s.rs)',
    'published',
  ),
  owned: rule(
    'rmp.guest-page',
    'The page is covered, the guest’s own, at this GPA, and not immutable.',
    'APM vol. 2 §15.36.6, §15.36.7; microsoft/verismo source/verismo/src/arch (mem_s.rs)',
    'published',
  ),
  smaller: rule(
    'rmp.guest-smaller',
    'An operand of 4 KiB does not name a page of 2 MiB, be it of the RMP or of the nested tables.',
    'APM vol. 2 table 15-40 (size in the RMP), §15.36.6 (size of the nested mapping); both are tested, which is modelled',
    'published',
  ),
  larger: rule(
    'rmp.guest-larger',
    'An operand of 2 MiB does not name a page of 4 KiB, be it of the RMP or of the nested tables.',
    'APM vol. 2 table 15-40 (size in the RMP), §15.36.6 (size of the nested mapping); both are tested, which is modelled',
    'published',
  ),
} as const;

export const modeCheck: InstructionCheck<GuestSituation> = {
  rule: GUEST_RULES.mode,
  ends: '#UD',
  refuses: ({ context }) => !context.snpActive || !context.longMode,
  remedy: '64-bit mode of an SNP guest.',
};

export const alignedCheck: InstructionCheck<GuestSituation> = {
  rule: GUEST_RULES.aligned,
  ends: 'FAIL_INPUT',
  refuses: ({ gva, large }) => large && gva % LARGE_PAGE_SIZE !== 0,
  remedy: 'An address that is a multiple of 2 MiB, or 4 KiB as size.',
};

/** The walks: what the guest’s own tables refuse, and then what the nested ones do. */
export const walkChecks: readonly InstructionCheck<GuestSituation>[] = [
  {
    rule: GUEST_RULES.guestWalk,
    ends: '#PF',
    refuses: ({ arrived }) => walkFault(arrived(), false),
    remedy: 'A mapping in the guest’s tables.',
  },
  {
    rule: GUEST_RULES.nestedWalk,
    ends: '#NPF',
    refuses: ({ arrived }) => walkFault(arrived(), true),
    remedy: 'A mapping in the nested tables.',
  },
];

function walkFault(outcome: Outcome<Mapping>, nested: boolean): Fault | false {
  return !outcome.ok && (outcome.fault.name === '#NPF') === nested ? outcome.fault : false;
}

export const ownedCheck: InstructionCheck<GuestSituation> = {
  rule: GUEST_RULES.owned,
  ends: '#NPF',
  refuses: (situation) => {
    const { mapping, entry } = pageOf(situation);
    const access = asAccess(situation, mapping);
    const failed = firstFailed(OWNERSHIP, situation.p.config.without, entry, access);
    return failed ? faultOf(situation, failed) : false;
  },
  remedy: 'The hypervisor would have to assign the page to this guest at this GPA.',
};

const SIZEM: RmpStep = { check: pageSize, raises: '#NPF', bits: ['RMP', 'ENC', 'SIZEM'] };

export const smallerCheck: InstructionCheck<GuestSituation> = {
  rule: GUEST_RULES.smaller,
  ends: '#NPF',
  refuses: (situation) => {
    const { mapping, entry } = coveredPage(situation);
    return !situation.large && (entry.large || mapping.large) ? faultOf(situation, SIZEM) : false;
  },
  remedy: 'The hypervisor would have to split the page with PSMASH; the instruction is then executed again.',
};

export const largerCheck: InstructionCheck<GuestSituation> = {
  rule: GUEST_RULES.larger,
  ends: 'FAIL_SIZEMISMATCH',
  refuses: (situation) => {
    const { mapping, entry } = coveredPage(situation);
    return situation.large && !(entry.large && mapping.large);
  },
  remedy: '512 times 4 KiB.',
};
