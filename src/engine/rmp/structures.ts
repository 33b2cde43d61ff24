import { type Fault, type Rule, refuse } from '../core/fault';
import type { Platform } from '../core/platform';
import type { RmpAccess } from './access';
import { covered, guestOwned, hypervisorOwned, mutable, type RmpCheck } from './checks';
import type { RmpEntry } from './entry';
import { authoritative, readEntry, snpEnabled } from './table';

/**
 * Pages that hardware uses for virtualization: who must own them (APM vol. 2 table 15-41). Sizes are taken as 4 KiB, and
 * there is no translated GPA to compare, so that Reverse-Map counts as true (modelled; KVM’s VMSAs of both kinds enter).
 */
export type Structure = 'VMCB' | 'AVIC backing page' | 'VMSA' | 'SNP VMSA' | 'VM_HSAVE_PA' | 'VMSAVE';

const rule = (id: string, says: string): Rule => ({
  id,
  says,
  source: 'APM vol. 2 table 15-41',
  standing: 'published',
});

const isVmsa: RmpCheck = {
  name: 'VMSA',
  rule: rule('rmp.vmsa', 'The entry says that the page is a VMSA.'),
  holds: (entry) => entry?.vmsa === true,
  inputs: (entry) => ({ vmsa: entry?.vmsa ?? false }),
  remedy: 'RMPADJUST by VMPL0 with the VMSA bit, or SNP_LAUNCH_UPDATE of a VMSA page.',
};

interface Use {
  readonly rule: Rule;
  readonly checks: readonly RmpCheck[];
  readonly raises: '#GP' | 'VMEXIT_INVALID';
}

const GUESTS = [covered, guestOwned, mutable, isVmsa];

export const STRUCTURES: Readonly<Record<Structure, Use>> = {
  VMCB: {
    rule: rule('rmp.vmrun-vmcb', 'VMRUN takes a VMCB only from a page that is the hypervisor’s.'),
    checks: [hypervisorOwned],
    raises: '#GP',
  },
  'AVIC backing page': {
    rule: rule('rmp.vmrun-avic', 'The AVIC backing page must be the hypervisor’s.'),
    checks: [hypervisorOwned],
    raises: 'VMEXIT_INVALID',
  },
  VMSA: {
    rule: rule('rmp.vmrun-vmsa', 'The VMSA of a guest without SNP must be the hypervisor’s.'),
    checks: [hypervisorOwned],
    raises: 'VMEXIT_INVALID',
  },
  'SNP VMSA': {
    rule: rule(
      'rmp.vmrun-snp-vmsa',
      'The VMSA of an SNP guest must be the guest’s, mutable, and marked as one.',
    ),
    checks: GUESTS,
    raises: 'VMEXIT_INVALID',
  },
  VM_HSAVE_PA: {
    rule: rule('rmp.host-save', 'The host save area must be the hypervisor’s.'),
    checks: [hypervisorOwned],
    raises: '#GP',
  },
  VMSAVE: {
    rule: rule('rmp.vmsave', 'VMSAVE of the host stores only into a page that is the hypervisor’s.'),
    checks: [hypervisorOwned],
    raises: '#GP',
  },
};

const asked = (asid: number): RmpAccess => ({
  actor: 'host',
  kind: 'write',
  c: false,
  asid,
  vmpl: 0,
  user: false,
  gpa: 0,
  large: false,
});

/** The first check of a structure that fails; null: it may be used. `asid` is that of the guest that is to run. */
export const structureCheck = (what: Structure, entry: RmpEntry | null, asid: number): RmpCheck | null =>
  STRUCTURES[what].checks.find(({ holds }) => !holds(entry, asked(asid))) ?? null;

/** What hardware raises for a structure at an SPA; null: it may be used, or SNP is not enabled. */
export function structureRefusal(p: Platform, what: Structure, spa: number, asid: number): Fault | null {
  if (!snpEnabled(p)) return null;
  const entry = what === 'SNP VMSA' ? authoritative(p, spa) : readEntry(p, spa);
  const failed = structureCheck(what, entry, asid);
  if (!failed) return null;
  const { rule: why, raises } = STRUCTURES[what];
  return refuse(
    why,
    raises,
    `${what} at SPA 0x${spa.toString(16)}: ${failed.name} does not hold. ${why.says}`,
    { check: failed.name, spa, ...failed.inputs(entry, asked(asid)) },
    failed.remedy,
  ).fault;
}
