import { LARGE_PAGE_SIZE, PAGE_SIZE } from '../../../core/address';
import type { RmpEntry } from '../../../rmp/entry';
import { pageState } from '../../../rmp/pageState';
import { joinSmall, regionEntries } from '../../../rmp/table';
import type { Call } from '../../call';
import { outsideTable, reserved, snpInitialised } from '../../checks/snp';
import { type Check, command } from '../../command';
import { findPage, spaOf } from '../../snp/pages';
import { tableRanges } from '../../snp/tableRanges';

/** 512 pages of 4 KiB become one of 2 MiB. */
const SOURCE = 'AMD-ASPFW sev_mcmd.c (snp_mcmd_page_unsmash)';

const entries = (call: Call): readonly RmpEntry[] =>
  call.once('entries', () => regionEntries(call.p, spaOf(call.p, call.address('PAGE_PADDR'))));

const state = (id: string, says: string, holds: (call: Call) => boolean): Check => ({
  id: `asp.snp-unsmash-${id}`,
  says,
  status: 'INVALID_PAGE_STATE',
  source: SOURCE,
  holds,
});

/** Is an entry of the same guest, state and permissions as the first, and does its GPA follow? */
function goesOn(first: RmpEntry, entry: RmpEntry, index: number): boolean {
  return (
    pageState(entry) === pageState(first) &&
    entry.asid === first.asid &&
    entry.gpa === first.gpa + index * PAGE_SIZE &&
    entry.permissions === first.permissions
  );
}

export const SNP_PAGE_UNSMASH = command({
  id: 0x0c8,
  name: 'SNP_PAGE_UNSMASH',
  purpose: 'Make one page of 2 MiB of 512 pages of a guest that lie beside each other.',
  source: SOURCE,
  writes: 'nothing',
  checks: [
    reserved('bits 20:0 of PAGE_PADDR', ['PAGE_PADDR', BigInt(LARGE_PAGE_SIZE - 1)]),
    snpInitialised,
    outsideTable('PAGE_PADDR'),
    state('beyond', 'the RMP does not reach the page', (call) => {
      return findPage(call.p, call.address('PAGE_PADDR')).entry === null;
    }),
    {
      id: 'asp.snp-unsmash-rmp',
      says: 'a part of the RMP lies in the 2 MiB',
      status: 'INVALID_ADDRESS',
      source: SOURCE,
      holds: (call) => {
        const spa = spaOf(call.p, call.address('PAGE_PADDR'));
        return tableRanges(call.p).some(({ start, end }) => start < spa + LARGE_PAGE_SIZE && spa < end);
      },
    },
    state('entry', 'a page is not of 4 KiB, not immutable, a VMSA, or no guest’s', (call) =>
      entries(call).some(({ large, immutable, vmsa, asid }) => large || !immutable || vmsa || asid === 0),
    ),
    state(
      'gpa',
      'the first GPA is no multiple of 2 MiB',
      (call) => (entries(call)[0]?.gpa ?? 0) % LARGE_PAGE_SIZE !== 0,
    ),
    state(
      'row',
      'the pages differ in state, ASID or permissions, or their GPAs do not follow each other',
      (call) => {
        const [first] = entries(call);
        return first !== undefined && !entries(call).every((entry, i) => goesOn(first, entry, i));
      },
    ),
  ],
  run: (call) => joinSmall(call.p, spaOf(call.p, call.address('PAGE_PADDR'))),
});
