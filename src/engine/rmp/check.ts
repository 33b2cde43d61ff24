import type { MachineConfig } from '../core/config';
import type { Rule } from '../core/fault';
import type { NestedFaultBit } from '../memory/faultBits';
import type { RmpAccess } from './access';
import {
  covered,
  guestOwned,
  hypervisorOwned,
  mutable,
  notBusy,
  pageSize,
  type RmpCheck,
  reverseMap,
  validated,
  vmplAllows,
} from './checks';
import type { RmpEntry } from './entry';

/** How an access ends that a check refuses. */
export type RmpEnd = '#PF' | '#NPF' | '#VC' | 'IO_PAGE_FAULT';

/** A check in a row of the table, and what happens where it fails. */
export interface RmpStep {
  readonly check: RmpCheck;
  readonly raises: RmpEnd;
  /** Bits of EXITINFO1 that tell about the RMP. */
  readonly bits: readonly Exclude<NestedFaultBit, 'NOT_RESTARTABLE'>[];
}

/** What is checked of one kind of access, in the order in which failures count. */
export interface RmpRow {
  readonly id: string;
  readonly rule: Rule;
  readonly steps: readonly RmpStep[];
  /** Which entry is looked at: see `consult.ts`. */
  readonly entry: 'none' | 'mapped' | 'authoritative';
}

const rule = (id: string, says: string, source: string, standing: Rule['standing'] = 'published'): Rule => ({
  id,
  says,
  source,
  standing,
});

const APM = 'APM vol. 2 §15.36.10';

const unchecked = (id: string, why: Rule): RmpRow => ({ id, rule: why, steps: [], entry: 'none' });

const ownedByHypervisor = (id: string, why: Rule, raises: RmpEnd): RmpRow => ({
  id,
  rule: why,
  steps: [
    { check: notBusy, raises, bits: ['RMP'] },
    { check: hypervisorOwned, raises, bits: ['RMP'] },
  ],
  entry: 'mapped',
});

const ownership = (check: RmpCheck): RmpStep => ({ check, raises: '#NPF', bits: ['RMP', 'ENC'] });
const OWN = {
  busy: ownership(notBusy),
  covered: ownership(covered),
  owned: ownership(guestOwned),
  mapped: ownership(reverseMap),
  mutable: ownership(mutable),
  sized: ownership(pageSize),
  validated: { check: validated, raises: '#VC', bits: [] },
  allowed: { check: vmplAllows, raises: '#NPF', bits: ['RMP', 'ENC', 'VMPL'] },
} as const satisfies Record<string, RmpStep>;

/** Whose the page is: what the instructions of a guest ask, too, whatever its size. */
export const OWNERSHIP: readonly RmpStep[] = [OWN.covered, OWN.owned, OWN.mapped, OWN.mutable];
export const VALIDATED: RmpStep = OWN.validated;

const ofGuest = (id: string, why: Rule): RmpRow => ({
  id,
  rule: why,
  steps: Object.values(OWN),
  entry: 'authoritative',
});

/**
 * The whole table. That validation counts before VMPLs and ownership before both is the manual’s; the order inside the first
 * group cannot be observed, since all of them end alike. Ordinary page faults come before all of this.
 */
export const RMP_ROWS = {
  hostRead: unchecked(
    'H-R',
    rule(
      'rmp.host-read',
      'The host reads and fetches unchecked: encryption, not the RMP, keeps secrets from it.',
      APM,
    ),
  ),
  hostWrite: ownedByHypervisor(
    'H-W',
    rule(
      'rmp.host-write',
      'The host writes, and reaches its page tables, only in pages that are the hypervisor’s.',
      APM,
    ),
    '#PF',
  ),
  guestRead: unchecked(
    'N-R',
    rule('rmp.guest-read', 'A guest without SNP reads and fetches unchecked.', APM),
  ),
  guestWrite: ownedByHypervisor(
    'N-W',
    rule(
      'rmp.guest-write',
      'A guest without SNP writes, and reaches its page tables, only in pages that are the hypervisor’s.',
      APM,
    ),
    '#NPF',
  ),
  snpWalkOrFetch: ofGuest(
    'S-F',
    rule(
      'rmp.snp-fetch',
      'An SNP guest fetches instructions and reaches its page tables only in its own accepted pages, whatever C says.',
      APM,
    ),
  ),
  snpSharedWrite: ownedByHypervisor(
    'S-W0',
    rule(
      'rmp.snp-shared-write',
      'An SNP guest writes shared data, C = 0, only in pages that are the hypervisor’s.',
      APM,
    ),
    '#NPF',
  ),
  snpSharedRead: unchecked(
    'S-R0',
    rule(
      'rmp.snp-shared-read',
      'An SNP guest reads shared data, C = 0, unchecked: even of its own pages, and then as ciphertext.',
      APM,
    ),
  ),
  snpPrivate: ofGuest(
    'S-D1',
    rule('rmp.snp-private', 'An SNP guest reaches private data, C = 1, only in its own accepted pages.', APM),
  ),
  deviceRead: unchecked(
    'D-R',
    rule(
      'rmp.device-read',
      'A device reads unchecked, and without a guest’s key.',
      'modelled: what the IOMMU checks of reads is not published',
      'modelled',
    ),
  ),
  deviceWrite: ownedByHypervisor(
    'D-W',
    rule(
      'rmp.device-write',
      'The IOMMU lets a device write only in pages that are the hypervisor’s.',
      'Linux 5.10 (SNP support of the IOMMU driver); AMD-ASPFW sev_mcmd.c',
    ),
    'IO_PAGE_FAULT',
  ),
  firmware: unchecked(
    'F',
    rule(
      'rmp.firmware',
      'The secure processor is not stopped by the RMP: its commands look at the states of pages themselves.',
      'AMD-ASPFW sev_rmp.c',
    ),
  ),
} as const satisfies Record<string, RmpRow>;

/** The row that an access falls under. */
export function rowOf({ actor, kind, c }: RmpAccess): RmpRow {
  const reads = kind === 'read' || kind === 'fetch';
  switch (actor) {
    case 'host':
      return reads ? RMP_ROWS.hostRead : RMP_ROWS.hostWrite;
    case 'guest':
      return reads ? RMP_ROWS.guestRead : RMP_ROWS.guestWrite;
    case 'snp-guest':
      if (kind !== 'read' && kind !== 'write') return RMP_ROWS.snpWalkOrFetch;
      if (c) return RMP_ROWS.snpPrivate;
      return kind === 'write' ? RMP_ROWS.snpSharedWrite : RMP_ROWS.snpSharedRead;
    case 'device':
      return reads ? RMP_ROWS.deviceRead : RMP_ROWS.deviceWrite;
    case 'firmware':
      return RMP_ROWS.firmware;
  }
}

/**
 * Does SNP let an access through? The first check that fails, or null. `entry` is the one that hardware looks at
 * (`consult.ts`), null where the page is not covered. Makes nothing new. The order is that of the row’s steps; it is written
 * out because a loop over them takes three times as long, and those who search for attacks ask millions of times.
 */
export const rmpCheck = (entry: RmpEntry | null, access: RmpAccess): RmpStep | null =>
  rowCheck(rowOf(access), entry, access);

/** The same on a machine that may lack one of the checks: where that one refuses, those behind it decide. */
export function rmpCheckOn(
  { without }: MachineConfig,
  entry: RmpEntry | null,
  access: RmpAccess,
): RmpStep | null {
  const failed = rmpCheck(entry, access);
  if (failed === null || failed.check.rule.id !== without) return failed;
  return firstFailed(rowOf(access).steps, without, entry, access);
}

/** The first of some checks that fails, but for the one that the machine lacks. */
export const firstFailed = (
  steps: readonly RmpStep[],
  without: MachineConfig['without'],
  entry: RmpEntry | null,
  access: RmpAccess,
): RmpStep | null =>
  steps.find(({ check }) => check.rule.id !== without && !check.holds(entry, access)) ?? null;

/** As `rmpCheck`, for those who know the row of the access already. */
export function rowCheck(row: RmpRow, entry: RmpEntry | null, access: RmpAccess): RmpStep | null {
  if (row.entry === 'none') return null;
  return row.entry === 'mapped' ? foreign(row, entry, access) : inOwn(entry, access);
}

function foreign({ steps }: RmpRow, entry: RmpEntry | null, access: RmpAccess): RmpStep | null {
  if (!notBusy.holds(entry, access)) return steps[0] ?? null;
  return hypervisorOwned.holds(entry, access) ? null : (steps[1] ?? null);
}

function inOwn(entry: RmpEntry | null, access: RmpAccess): RmpStep | null {
  if (!notBusy.holds(entry, access)) return OWN.busy;
  if (!covered.holds(entry, access)) return OWN.covered;
  if (!guestOwned.holds(entry, access)) return OWN.owned;
  if (!reverseMap.holds(entry, access)) return OWN.mapped;
  if (!mutable.holds(entry, access)) return OWN.mutable;
  if (!pageSize.holds(entry, access)) return OWN.sized;
  if (!validated.holds(entry, access)) return OWN.validated;
  return vmplAllows.holds(entry, access) ? null : OWN.allowed;
}
