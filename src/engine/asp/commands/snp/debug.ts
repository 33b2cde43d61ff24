import { PAGE_SIZE } from '../../../core/address';
import { hasRegProt, tweaked } from '../../../cpu/vmsaTweak';
import { headOf } from '../../../rmp/table';
import type { PageState } from '../../../rmp/types';
import type { Call } from '../../call';
import { copyable } from '../../checks/address';
import { isBound, isContext, outsideTable, PAGE_OFFSET, reserved, snpInitialised } from '../../checks/snp';
import { type Check, command } from '../../command';
import { readGuest, readHost, writeGuest, writeHost } from '../../memory';
import { findPage, findWhole, inTable, spaOf } from '../../snp/pages';
import { policyHas, SNP_POLICY } from '../../snp/policy';

/** 4 KiB of a guest whose owner allows that the host looks into it. */
const SOURCE = 'AMD-ASPFW sev_mcmd.c (snp_mcmd_dbg_decrypt, snp_mcmd_dbg_encrypt)';

const noOffsets = reserved(
  'bits 11:0 of an address',
  ['GCTX_PADDR', PAGE_OFFSET],
  ['SRC_PADDR', PAGE_OFFSET],
  ['DST_PADDR', PAGE_OFFSET],
);

/** For a piece of a large page the entry of the whole is looked up, and that place may be in the RMP too. */
function wholeInTable(call: Call, name: string): boolean {
  const { entry } = findPage(call.p, call.address(name));
  if (!entry || entry.large || entry.asid !== 0) return false;
  return inTable(call.p, BigInt(headOf(spaOf(call.p, call.address(name)))));
}

const wholesOutside: Check = {
  id: 'asp.snp-whole-in-rmp',
  says: 'the 2 MiB of SRC_PADDR or DST_PADDR begin inside the RMP',
  status: 'INVALID_PARAM',
  source: SOURCE,
  holds: (call) => wholeInTable(call, 'SRC_PADDR') || wholeInTable(call, 'DST_PADDR'),
};

const wholeIn =
  (name: string, ...states: readonly PageState[]) =>
  (call: Call) =>
    states.includes(findWhole(call.p, call.address(name)).state);

const states = (says: string, good: (call: Call) => boolean): Check => ({
  id: 'asp.snp-debug-state',
  says,
  status: 'INVALID_PAGE_STATE',
  source: SOURCE,
  holds: (call) => !good(call),
});

const lookUps: readonly Check[] = [
  outsideTable('GCTX_PADDR', 'SRC_PADDR', 'DST_PADDR'),
  wholesOutside,
  isContext(),
];

/** @param guestPage field with the guest’s page. */
const allowed = (guestPage: string): readonly Check[] => [
  {
    id: 'asp.snp-page-owner',
    says: `the page at ${guestPage} does not belong to the guest’s ASID`,
    status: 'INVALID_PAGE_OWNER',
    source: SOURCE,
    holds: (call) => findWhole(call.p, call.address(guestPage)).entry?.asid !== call.context.asid,
  },
  {
    id: 'asp.snp-policy-debug',
    says: 'the guest’s policy has no DEBUG',
    status: 'POLICY_FAILURE',
    source: SOURCE,
    holds: ({ context }) => !policyHas(context, SNP_POLICY.debug),
  },
  isBound,
  copyable('source or destination', ['SRC_PADDR', PAGE_SIZE], ['DST_PADDR', PAGE_SIZE]),
];

/** Protected registers of a VMSA are shown, or hidden again, on the way. */
function throughTweak(call: Call, guestPage: string, page: Uint8Array): Uint8Array {
  const isVmsa = findWhole(call.p, call.address(guestPage)).entry?.vmsa === true;
  return isVmsa && hasRegProt(page) ? tweaked(page) : page;
}

export const SNP_DBG_DECRYPT = command({
  id: 0x0b0,
  name: 'SNP_DBG_DECRYPT',
  purpose: 'Show the host 4 KiB of a guest’s memory, when its policy allows that.',
  source: SOURCE,
  writes: 'nothing',
  checks: [
    noOffsets,
    snpInitialised,
    ...lookUps,
    states(
      'the source is no page of a guest, or the destination is not Firmware',
      (call) =>
        wholeIn('SRC_PADDR', 'Pre-Guest', 'Pre-Swap', 'Guest-Invalid', 'Guest-Valid')(call) &&
        wholeIn('DST_PADDR', 'Firmware')(call),
    ),
    ...allowed('SRC_PADDR'),
  ],
  run: (call) => {
    const { p, context } = call;
    const page = readGuest(p, call.address('SRC_PADDR'), PAGE_SIZE, context.asid);
    writeHost(p, call.address('DST_PADDR'), throughTweak(call, 'SRC_PADDR', page));
  },
});

export const SNP_DBG_ENCRYPT = command({
  id: 0x0b1,
  name: 'SNP_DBG_ENCRYPT',
  purpose: 'Put 4 KiB of the host’s into a guest’s memory, when its policy allows that.',
  source: SOURCE,
  writes: 'nothing',
  checks: [
    snpInitialised,
    noOffsets,
    ...lookUps,
    states(
      'the destination is neither Pre-Swap nor Pre-Guest',
      wholeIn('DST_PADDR', 'Pre-Swap', 'Pre-Guest'),
    ),
    ...allowed('DST_PADDR'),
  ],
  run: (call) => {
    const { p, context } = call;
    const page = readHost(p, call.address('SRC_PADDR'), PAGE_SIZE);
    writeGuest(p, call.address('DST_PADDR'), throughTweak(call, 'DST_PADDR', page), context.asid);
  },
});
