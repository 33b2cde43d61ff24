import { LARGE_PAGE_SIZE, PAGE_SIZE } from '../../core/address';
import { hasFix } from '../../core/config';
import type { SnpGuestState } from '../../core/snpCells';
import type { PageState } from '../../rmp/types';
import type { Call } from '../call';
import type { Check } from '../command';
import { findPage, inTable } from '../snp/pages';
import { policyHas, SNP_POLICY } from '../snp/policy';

/** What several SNP commands test in the same words. */
const COMMANDS = 'AMD-ASPFW sev_mcmd.c';
const LOOK_UP = 'AMD-ASPFW sev_rmp.c (rmp_get_addr_entry_state, get_rmp_paddr)';

export const snpInitialised: Check = {
  id: 'asp.snp-uninit',
  says: 'SNP is not initialised',
  status: 'INVALID_PLATFORM_STATE',
  source: 'AMD-ASPFW sev_plat.c (state_tbl_snp)',
  holds: ({ platform }) => platform.snp !== 'INIT',
};

/** Bits of a field that have to be 0: all of them, or those of a mask. */
type Reserved = readonly [field: string, mask?: bigint];

/** Bits 11:0 of an address that names a page. */
export const PAGE_OFFSET = 0xfffn;

export const reserved = (what: string, ...fields: readonly Reserved[]): Check => ({
  id: 'asp.snp-reserved',
  says: `${what} is not 0`,
  status: 'INVALID_PARAM',
  source: COMMANDS,
  holds: (call) => fields.some(([field, mask]) => (call.address(field) & (mask ?? (1n << 512n) - 1n)) !== 0n),
});

/** Structures that begin with their own length. */
export const exactLength = (length: number): Check => ({
  id: 'asp.snp-length',
  says: `LENGTH is not 0x${length.toString(16)}, the size of the structure`,
  status: 'INVALID_PARAM',
  source: COMMANDS,
  holds: (call) => call.int('LENGTH') !== length,
});

/** Every address is looked up in the RMP before any state is judged. */
export const outsideTable = (...names: readonly string[]): Check => ({
  id: 'asp.snp-in-rmp',
  says: `${names.join(' or ')} lies inside the RMP`,
  status: 'INVALID_PARAM',
  source: LOOK_UP,
  holds: (call) => names.some((name) => inTable(call.p, call.address(name))),
});

export const isContext = (name = 'GCTX_PADDR'): Check => ({
  id: 'asp.snp-not-context',
  says: `the page at ${name} is no guest context`,
  status: 'INVALID_GUEST',
  source: COMMANDS,
  holds: (call) => findPage(call.p, call.address(name)).state !== 'Context',
});

/** The check that a command’s GCTX_PADDR names a guest: outside the RMP, and a Context page. */
export const aContext: readonly Check[] = [outsideTable('GCTX_PADDR'), isContext()];

/** A guest that wants to keep its pages where they are (a fix of the machine); the status is not published. */
export const swapAllowed: Check = {
  id: 'asp.snp-policy-swap',
  says: 'the guest’s policy has PAGE_SWAP_DISABLE',
  status: 'POLICY_FAILURE',
  source:
    'Linux include/linux/psp-sev.h (policy bit 25); attacks.md, heracles-page-move; its place among the checks is modelled',
  holds: ({ p, context }) =>
    hasFix(p.config, 'page-swap-policy') && policyHas(context, SNP_POLICY.swapDisabled),
};

/** A page has to be in one of these states. */
export const pageIn = (name: string, ...states: readonly PageState[]): Check => ({
  id: 'asp.snp-page-state',
  says: `the page at ${name} is not ${states.join(' or ')}`,
  status: 'INVALID_PAGE_STATE',
  source: LOOK_UP,
  holds: (call) => !states.includes(findPage(call.p, call.address(name)).state),
});

const isLarge = (call: Call, name: string): boolean =>
  findPage(call.p, call.address(name)).entry?.large === true;

export const smallPage = (...names: readonly string[]): Check => ({
  id: 'asp.snp-page-size',
  says: `the page at ${names.join(' or ')} is not one of 4 KiB in the RMP`,
  status: 'INVALID_PAGE_SIZE',
  source: COMMANDS,
  holds: (call) => names.some((name) => isLarge(call, name)),
});

/** FLAGS bit 0, PAGE_SIZE: 2 MiB. */
export const wantsLarge = (call: Call): boolean => (call.address('FLAGS') & 1n) !== 0n;

/** Bytes of the page that a command names so. */
export const bytesAsked = (call: Call): number => (wantsLarge(call) ? LARGE_PAGE_SIZE : PAGE_SIZE);

/** The sizes of pages are those that the command names; pages beyond the RMP have none unless the firmware asks anyway. */
export const sizeAsked = (...names: readonly string[]): Check => ({
  id: 'asp.snp-page-size',
  says: `PAGE_SIZE is not the size of the page at ${names.join(' or ')} in the RMP`,
  status: 'INVALID_PAGE_SIZE',
  source: COMMANDS,
  holds: (call) => names.some((name) => isLarge(call, name) !== wantsLarge(call)),
});

/** The guest has to be in one of these states. */
export const contextIn = (...states: readonly SnpGuestState[]): Check => ({
  id: `asp.snp-guest-${states.join('-').toLowerCase()}`,
  says: `the guest’s state is not ${states.join(' or ')}`,
  status: 'INVALID_GUEST_STATE',
  source: COMMANDS,
  holds: ({ context }) => !states.includes(context.state),
});

export const isBound: Check = {
  id: 'asp.snp-guest-inactive',
  says: 'the guest has no ASID',
  status: 'INACTIVE',
  source: COMMANDS,
  holds: ({ context }) => context.asid === 0,
};

/** Pages have to belong to the guest: by the ASID in their entries. */
export const ownedByGuest = (...names: readonly string[]): Check => ({
  id: 'asp.snp-page-owner',
  says: `the page at ${names.join(' or ')} does not belong to the guest’s ASID`,
  status: 'INVALID_PAGE_OWNER',
  source: COMMANDS,
  holds: (call) =>
    names.some((name) => findPage(call.p, call.address(name)).entry?.asid !== call.context.asid),
});

/** A small output has to fit into its page. */
export const crossesPage = (name: string, bytes: number, status: Check['status']): Check => ({
  id: 'asp.snp-crosses-page',
  says: `the ${bytes} bytes at ${name} cross a boundary of 4 KiB`,
  status,
  source: COMMANDS,
  holds: (call) => Number(call.address(name) & PAGE_OFFSET) + bytes > 0x1000,
});

/** The page of an output, tested while `used` says so. */
export const outputPage = (name: string, used: (call: Call) => boolean = () => true): Check => ({
  id: 'asp.snp-output-page',
  says: `the page at ${name} is neither Firmware nor Default`,
  status: 'INVALID_PAGE_STATE',
  source: LOOK_UP,
  holds: (call) => {
    if (!used(call)) return false;
    if (inTable(call.p, call.address(name))) return 'INVALID_PARAM';
    const { state } = findPage(call.p, call.address(name));
    return state !== 'Firmware' && state !== 'Default';
  },
});

export const whileInitialised = ({ platform }: Call): boolean => platform.snp === 'INIT';
