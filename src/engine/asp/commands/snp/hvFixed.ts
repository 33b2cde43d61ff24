import { LARGE_PAGE_SIZE, PAGE_SIZE } from '../../../core/address';
import type { RmpEntry } from '../../../rmp/entry';
import { entryIn, pageState } from '../../../rmp/pageState';
import { readEntry, writeEntry } from '../../../rmp/table';
import type { Call } from '../../call';
import { rangeStatus } from '../../checks/address';
import { neverHere } from '../../checks/platform';
import { PAGE_OFFSET, reserved, snpInitialised } from '../../checks/snp';
import { command } from '../../command';
import { besideEachOther, readRanges, withoutRanges } from '../../snp/rangeList';
import type { PageRange } from '../../snp/tableRanges';
import { tableRanges } from '../../snp/tableRanges';

/** Pages become the hypervisor’s for ever. */
const SOURCE = 'AMD-ASPFW sev_rmp.c (page_set_hv_fixed, walk_reserved_list)';

/** The ranges of the list outside the RMP; null for a list that is refused. */
const listed = (call: Call): readonly PageRange[] | null =>
  call.once('ranges', () => {
    const ranges = readRanges(call.p, call.address('LIST_PADDR'), LARGE_PAGE_SIZE);
    return ranges && withoutRanges(besideEachOther(ranges), tableRanges(call.p));
  });

/** Every page of the list that has an entry. */
function* pages(call: Call): Generator<readonly [page: number, entry: RmpEntry]> {
  for (const { start, end } of listed(call) ?? [])
    for (let page = start; page < end; page += PAGE_SIZE) {
      const entry = readEntry(call.p, page);
      if (!entry) break;
      yield [page, entry];
    }
}

function allFirmware(call: Call): boolean {
  for (const [, entry] of pages(call)) if (pageState(entry) !== 'Firmware' || entry.large) return false;
  return true;
}

export const SNP_PAGE_SET_STATE = command({
  id: 0x0c6,
  name: 'SNP_PAGE_SET_STATE',
  purpose: 'Make ranges of firmware pages the hypervisor’s for ever.',
  source: `AMD-ASPFW sev_mcmd.c (snp_mcmd_page_set_state); ${SOURCE}`,
  writes: 'nothing',
  checks: [
    {
      id: 'asp.snp-set-state-length',
      says: 'LENGTH is not 0x10',
      status: 'INVALID_LENGTH',
      source: 'AMD-ASPFW sev_mcmd.c (snp_mcmd_page_set_state)',
      holds: (call) => call.int('LENGTH') !== 0x10,
    },
    reserved('the reserved field or LIST_PADDR bits 11:0', ['reserved'], ['LIST_PADDR', PAGE_OFFSET]),
    snpInitialised,
    {
      id: 'asp.snp-list-range',
      says: 'the list lies in memory that the firmware does not touch, or not inside one range of DRAM',
      status: 'INVALID_ADDRESS',
      source: SOURCE,
      holds: (call) => rangeStatus(call.p, call.address('LIST_PADDR'), PAGE_SIZE) !== null,
    },
    {
      id: 'asp.snp-list-wrong',
      says: 'a reserved field of the list is not 0, it has more than 255 ranges, or one does not begin at a multiple of 2 MiB',
      status: 'INVALID_PARAM',
      source: SOURCE,
      holds: (call) => listed(call) === null,
    },
    neverHere('snp-list-long', 'a range is too long to be looked through', 'INVALID_ADDRESS', SOURCE),
    {
      id: 'asp.snp-list-state',
      says: 'a page of the list is not Firmware and of 4 KiB',
      status: 'INVALID_PAGE_STATE',
      source: SOURCE,
      holds: (call) => !allFirmware(call),
    },
  ],
  run: (call) => {
    for (const [page] of pages(call)) writeEntry(call.p, page, entryIn('HV-fixed'));
  },
});
