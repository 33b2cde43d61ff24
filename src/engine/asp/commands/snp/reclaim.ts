import { LARGE_PAGE_SIZE, PAGE_SIZE } from '../../../core/address';
import type { PageState } from '../../../rmp/types';
import type { Call } from '../../call';
import { rangeStatus } from '../../checks/address';
import { reserved, snpInitialised } from '../../checks/snp';
import { command } from '../../command';
import type { RawAddress } from '../../memory';
import { findPage, MUTABLE, setPage } from '../../snp/pages';

/** The host takes a page back. */
const SOURCE = 'AMD-ASPFW sev_mcmd.c (snp_mcmd_page_reclaim)';

/** Bit 0 of the address says 2 MiB. */
const page = (call: Call): RawAddress => call.address('PAGE_PADDR') & ~0xfffn;
const wantsLarge = (call: Call): boolean => (call.address('PAGE_PADDR') & 1n) === 1n;

const RECLAIMABLE: readonly PageState[] = ['Metadata', 'Firmware', 'Pre-Guest', 'Pre-Swap'];

/** GPA bits 47:12: without the mark of a metadata page. */
const UNMARKED = 2 ** 48;

export const SNP_PAGE_RECLAIM = command({
  id: 0x0c7,
  name: 'SNP_PAGE_RECLAIM',
  purpose: 'Let x86 software change a page’s entry in the RMP again.',
  source: SOURCE,
  writes: 'nothing',
  checks: [
    reserved('bits 11:1 of PAGE_PADDR', ['PAGE_PADDR', 0xffen]),
    snpInitialised,
    {
      id: 'asp.snp-reclaim-range',
      says: 'the page lies in memory that the firmware does not touch, the RMP among it, or not inside one range of DRAM',
      status: 'INVALID_ADDRESS',
      source: 'AMD-ASPFW x86_copy.c (validate_address_range)',
      holds: (call) =>
        rangeStatus(call.p, page(call), wantsLarge(call) ? LARGE_PAGE_SIZE : PAGE_SIZE) ?? false,
    },
    {
      id: 'asp.snp-page-size',
      says: 'the page’s size in the RMP is not the one that bit 0 of PAGE_PADDR says',
      status: 'INVALID_PAGE_SIZE',
      source: SOURCE,
      holds: (call) => (findPage(call.p, page(call)).entry?.large ?? false) !== wantsLarge(call),
    },
    {
      id: 'asp.snp-reclaim-alignment',
      says: 'a page of 2 MiB does not begin at a multiple of that',
      status: 'INVALID_ADDRESS',
      source: SOURCE,
      holds: (call) => wantsLarge(call) && page(call) % BigInt(LARGE_PAGE_SIZE) !== 0n,
    },
    {
      id: 'asp.snp-reclaimed-already',
      says: 'the page is not immutable, so software can have it',
      status: 'SUCCESS',
      source: SOURCE,
      holds: (call) => findPage(call.p, page(call)).entry?.immutable !== true,
    },
    {
      id: 'asp.snp-reclaim-state',
      says: `the page is not ${RECLAIMABLE.join(', ')}`,
      status: 'INVALID_PAGE_STATE',
      source: SOURCE,
      holds: (call) => !RECLAIMABLE.includes(findPage(call.p, page(call)).state),
    },
  ],
  run: (call) => {
    const { state, entry } = findPage(call.p, page(call));
    const gpa = entry?.gpa ?? 0;
    setPage(call.p, page(call), { ...MUTABLE, ...(state === 'Metadata' && { gpa: gpa % UNMARKED }) });
  },
});
