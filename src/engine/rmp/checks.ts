import { LARGE_PAGE_SIZE, PAGE_SIZE } from '../core/address';
import type { Rule } from '../core/fault';
import type { JsonObject } from '../core/json';
import type { RmpAccess } from './access';
import type { RmpEntry } from './entry';
import { EXECUTE_SUPERVISOR, EXECUTE_USER, permissionsOf, READ, WRITE } from './permissions';

/**
 * The single questions that hardware asks of an entry (APM vol. 2 §15.36.10, tables 15-36 to 15-39). `holds` is asked
 * millions of times and makes nothing new; `inputs` is for those who want to see why. No entry: the page is not covered.
 */
export interface RmpCheck {
  /** As the manual calls it. */
  readonly name: string;
  readonly rule: Rule;
  readonly holds: (entry: RmpEntry | null, access: RmpAccess) => boolean;
  readonly inputs: (entry: RmpEntry | null, access: RmpAccess) => JsonObject;
  readonly remedy: string;
}

const rule = (id: string, says: string, source: string): Rule => ({
  id,
  says,
  source,
  standing: 'published',
});

const APM = 'APM vol. 2 §15.36.10';

const size = (large: boolean | undefined): string => (large ? '2 MiB' : '4 KiB');

/** Permissions that an access needs; a page that may be written and not read gives no data at all (APM vol. 2 §15.36.7). */
function neededPermissions({ kind, user }: Pick<RmpAccess, 'kind' | 'user'>): number {
  if (kind === 'fetch') return user ? EXECUTE_USER : EXECUTE_SUPERVISOR;
  return kind === 'write' || kind === 'update' ? READ | WRITE : READ;
}

/** Addresses within one page of the entry’s size. */
const samePage = (entry: RmpEntry, gpa: number): boolean => {
  const distance = gpa - entry.gpa;
  if (!entry.large) return distance >= 0 && distance < PAGE_SIZE;
  return Math.floor(entry.gpa / LARGE_PAGE_SIZE) === Math.floor(gpa / LARGE_PAGE_SIZE);
};

/** The setting of an accessed or dirty bit looks at its own page only, however that is mapped. */
const coversMore = ({ kind, large }: RmpAccess): boolean => large && kind !== 'update';

export const notBusy: RmpCheck = {
  name: 'Not in use',
  rule: rule(
    'rmp.busy',
    'A check fails for the moment while another processor uses the entry; the access is tried again.',
    APM,
  ),
  holds: (_, { busy }) => busy !== true,
  inputs: (_, { busy = false }) => ({ busy }),
  remedy: 'The same again.',
};

export const hypervisorOwned: RmpCheck = {
  name: 'Hypervisor-Owned',
  rule: rule(
    'rmp.hypervisor-owned',
    'The page is not covered or not assigned; through a translation of 2 MiB or 1 GiB none of the 4 KiB pages of its 2 MiB may be.',
    APM,
  ),
  holds: (entry, access) =>
    entry === null || (!entry.assigned && !(coversMore(access) && entry.subPageCount > 0)),
  inputs: (entry, access) => ({
    covered: entry !== null,
    assigned: entry?.assigned ?? false,
    mapping: size(coversMore(access)),
    otherPagesAssigned: coversMore(access) ? (entry?.subPageCount ?? 0) : null,
  }),
  remedy: 'The page would have to be the hypervisor’s: RMPUPDATE with assigned = 0, or a smaller mapping.',
};

export const covered: RmpCheck = {
  name: 'RMP-Covered',
  rule: rule('rmp.covered', 'There is an entry for the page.', APM),
  holds: (entry) => entry !== null,
  inputs: (entry) => ({ covered: entry !== null }),
  remedy: 'A page that the table covers.',
};

export const guestOwned: RmpCheck = {
  name: 'Guest-Owned',
  rule: rule(
    'rmp.guest-owned',
    'The page is assigned, and to the guest that runs: the entry has its ASID.',
    APM,
  ),
  holds: (entry, { asid }) => entry?.assigned === true && entry.asid === asid,
  inputs: (entry, { asid }) => ({
    assigned: entry?.assigned ?? false,
    owner: entry?.asid ?? null,
    asid,
  }),
  remedy: 'The hypervisor would have to assign the page to this guest with RMPUPDATE.',
};

export const reverseMap: RmpCheck = {
  name: 'Reverse-Map',
  rule: rule(
    'rmp.reverse-map',
    'The entry has the guest physical address that was translated; of a large page, its 2 MiB.',
    APM,
  ),
  holds: (entry, { gpa }) => entry !== null && samePage(entry, gpa),
  inputs: (entry, { gpa }) => ({ entry: entry?.gpa ?? null, gpa, size: size(entry?.large) }),
  remedy: 'The nested tables would have to map the GPA for which the page was assigned.',
};

export const mutable: RmpCheck = {
  name: 'Mutable',
  rule: rule('rmp.mutable', 'The entry is not immutable.', APM),
  holds: (entry) => entry?.immutable === false,
  inputs: (entry) => ({ immutable: entry?.immutable ?? null }),
  remedy: 'The firmware would have to be done with the page: launch, reclaim, swap.',
};

export const pageSize: RmpCheck = {
  name: 'Page-Size',
  rule: rule(
    'rmp.page-size',
    'The nested tables and the entry agree on the size of the page, 4 KiB or 2 MiB; 1 GiB counts as 2 MiB.',
    APM,
  ),
  holds: (entry, { large }) => entry?.large === large,
  inputs: (entry, { large }) => ({ entry: size(entry?.large), mapping: size(large) }),
  remedy: 'PSMASH of the large entry, or a nested mapping of the entry’s size.',
};

export const validated: RmpCheck = {
  name: 'Validated',
  rule: rule('rmp.validated', 'The guest has accepted the page with PVALIDATE.', APM),
  holds: (entry) => entry?.validated === true,
  inputs: (entry) => ({ validated: entry?.validated ?? false }),
  remedy:
    'PVALIDATE by the guest, if it has never accepted this GPA; otherwise somebody has changed the page.',
};

export const vmplAllows: RmpCheck = {
  name: 'VMPL',
  rule: rule(
    'rmp.vmpl',
    'The permissions of the running VMPL allow the access: read, write (with read), or execute at its CPL.',
    'APM vol. 2 §15.36.7, §15.36.10',
  ),
  holds: (entry, access) => {
    if (!entry) return false;
    const needed = neededPermissions(access);
    return (permissionsOf(entry, access.vmpl) & needed) === needed;
  },
  inputs: (entry, access) => ({
    vmpl: access.vmpl,
    allowed: entry ? permissionsOf(entry, access.vmpl) : 0,
    needed: neededPermissions(access),
  }),
  remedy: 'A more privileged VMPL would have to grant it with RMPADJUST.',
};
