import type { Call } from '../call';
import type { Check } from '../command';
import { belongsTo, METADATA_BYTES } from '../snp/metadata';
import { findPage, inTable, spaOf } from '../snp/pages';
import { bytesAsked } from './snp';

/** The metadata entry that SNP_PAGE_SWAP_OUT fills and SNP_PAGE_SWAP_IN reads. */
const SOURCE = 'AMD-ASPFW sev_mcmd.c (snp_mcmd_swap_out, snp_mcmd_swap_in)';

/** ROOT_MDATA_EN: the entry is the one in the guest’s context. */
export const usesRoot = (call: Call): boolean => (call.address('FLAGS') & 0x10n) !== 0n;

function overlaps(call: Call, name: string): boolean {
  const entry = spaOf(call.p, call.address('MDATA_PADDR'));
  const page = spaOf(call.p, call.address(name));
  return entry < page + bytesAsked(call) && page < entry + METADATA_BYTES;
}

/** Is a page a metadata page of another guest? */
export const foreign = (call: Call, name: string): boolean => {
  const { entry } = findPage(call.p, call.address(name));
  return entry === null || !belongsTo(entry, spaOf(call.p, call.address('GCTX_PADDR')));
};

const entry = (id: string, says: string, status: Check['status'], holds: (call: Call) => boolean): Check => ({
  id: `asp.snp-${id}`,
  says,
  status,
  source: SOURCE,
  holds: (call) => !usesRoot(call) && holds(call),
});

/** In the order of the firmware, all only while the entry is not the root. */
export const metadataEntry: readonly Check[] = [
  entry('mdata-in-rmp', 'the metadata entry lies inside the RMP', 'INVALID_PARAM', (call) =>
    inTable(call.p, call.address('MDATA_PADDR')),
  ),
  entry(
    'mdata-place',
    'MDATA_PADDR is no multiple of 64, or the entry lies in the source or in the destination',
    'INVALID_PARAM',
    (call) =>
      call.address('MDATA_PADDR') % BigInt(METADATA_BYTES) !== 0n ||
      overlaps(call, 'SRC_PADDR') ||
      overlaps(call, 'DST_PADDR'),
  ),
  entry(
    'mdata-state',
    'the page of the metadata entry is not Metadata',
    'INVALID_PAGE_STATE',
    (call) => findPage(call.p, call.address('MDATA_PADDR')).state !== 'Metadata',
  ),
  entry('mdata-owner', 'that page belongs to another guest', 'INVALID_PAGE_OWNER', (call) =>
    foreign(call, 'MDATA_PADDR'),
  ),
];
