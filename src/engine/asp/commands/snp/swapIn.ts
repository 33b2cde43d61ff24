import { PAGE_SIZE } from '../../../core/address';
import { fromHex, toHex } from '../../../core/bytes';
import type { Rule } from '../../../core/fault';
import { metadataGpa } from '../../../rmp/pageState';
import type { Call } from '../../call';
import { copyable } from '../../checks/address';
import { metadataEntry, usesRoot } from '../../checks/metadata';
import {
  bytesAsked,
  contextIn,
  isBound,
  isContext,
  outsideTable,
  ownedByGuest,
  PAGE_OFFSET,
  reserved,
  snpInitialised,
  swapAllowed,
  wantsLarge,
} from '../../checks/snp';
import { type Check, command } from '../../command';
import { readHost } from '../../memory';
import {
  decodeMetadata,
  encodeMetadata,
  METADATA_BYTES,
  type MetadataEntry,
  restored,
  swapType,
} from '../../snp/metadata';
import { findPage, setPage, spaOf } from '../../snp/pages';
import { hasSecureTsc, setGuestTsc } from '../../snp/secureTsc';
import { openPage, writeSwapped } from '../../snp/swap';
import { typeAsked } from './swapOut';

/** A page of a guest comes back. */
const SOURCE = 'AMD-ASPFW sev_mcmd.c (snp_mcmd_swap_in)';

const SWAPPED: Rule = {
  id: 'asp.snp-swapped-in',
  says: 'A page comes back only when its tag fits, and as what it was; its metadata entry can be used once.',
  source: SOURCE,
  standing: 'published',
};

/** The entry: from the context, where none is all zeros, or from memory. */
const entryOf = (call: Call): MetadataEntry =>
  call.once('metadata entry', () => {
    const { root } = call.context;
    const none = () => new Uint8Array(METADATA_BYTES);
    if (usesRoot(call)) return decodeMetadata(root ? fromHex(root) : none());
    return decodeMetadata(call.copyIn('MDATA_PADDR', METADATA_BYTES));
  });

const inPlace = (call: Call): boolean => (call.address('FLAGS') & 8n) !== 0n;
const isMetadata = (call: Call): boolean => typeAsked(call) === 'metadata';
const stateOf = (call: Call, name: string) => findPage(call.p, call.address(name)).state;

const opened = (call: Call): Uint8Array | null =>
  call.once('opened page', () => {
    const { iv, tag } = entryOf(call);
    const bytes = readHost(call.p, call.address('SRC_PADDR'), bytesAsked(call));
    return openPage(call.p, call.context, iv, { bytes, tag });
  });

const check = (id: string, says: string, status: Check['status'], holds: (call: Call) => boolean): Check => ({
  id: `asp.snp-${id}`,
  says,
  status,
  source: SOURCE,
  holds,
});

const kinds: readonly Check[] = [
  check(
    'mdata-entry',
    'the entry’s bits contradict each other, it is of another type than PAGE_TYPE, or it is not valid',
    'INVALID_MDATA_ENTRY',
    (call) => {
      const type = swapType(entryOf(call));
      return type === null || type !== typeAsked(call) || !entryOf(call).valid;
    },
  ),
  check(
    'page-size',
    'PAGE_SIZE is not the size of a source that the RMP covers, of the destination, or of the entry',
    'INVALID_PAGE_SIZE',
    (call) => {
      const source = findPage(call.p, call.address('SRC_PADDR')).entry;
      const destination = findPage(call.p, call.address('DST_PADDR')).entry;
      const sizes = [source?.large ?? wantsLarge(call), destination?.large ?? false, entryOf(call).large];
      return sizes.some((large) => large !== wantsLarge(call));
    },
  ),
  check(
    'swap-in-place',
    'SWAP_IN_PLACE, and the page is a metadata page or a VMSA',
    'INVALID_PARAM',
    (call) => inPlace(call) && typeAsked(call) !== 'data',
  ),
  check(
    'swap-large-vmsa',
    'the page is a VMSA and PAGE_SIZE says 2 MiB',
    'INVALID_PAGE_SIZE',
    (call) => typeAsked(call) === 'vmsa' && wantsLarge(call),
  ),
  check(
    'swap-places',
    'SWAP_IN_PLACE, and source and destination are not the same',
    'INVALID_ADDRESS',
    (call) => inPlace(call) && call.address('SRC_PADDR') !== call.address('DST_PADDR'),
  ),
  check(
    'swap-state',
    'the destination is not Pre-Guest, or for a metadata page not Firmware',
    'INVALID_PAGE_STATE',
    (call) => stateOf(call, 'DST_PADDR') !== (isMetadata(call) ? 'Firmware' : 'Pre-Guest'),
  ),
];

const owner: Check = {
  ...ownedByGuest('DST_PADDR'),
  holds: (call) => !isMetadata(call) && ownedByGuest('DST_PADDR').holds(call),
};

/** A VMSA gets the clock of this machine. */
function withClock(call: Call, page: Uint8Array): Uint8Array {
  if (typeAsked(call) !== 'vmsa' || page.length !== PAGE_SIZE || !hasSecureTsc(page)) return page;
  const vmsa = page.slice();
  setGuestTsc(vmsa, call.context.tscFrequency, BigInt(call.context.tscOffset));
  return vmsa;
}

function swapIn(call: Call): void {
  const { p, context } = call;
  const page = opened(call);
  const { entry } = findPage(p, call.address('DST_PADDR'));
  if (!page || !entry) throw new Error('a command went on without its page');
  const record = entryOf(call);
  const asid = isMetadata(call) ? 0 : context.asid;
  writeSwapped(p, call.address('DST_PADDR'), withClock(call, page), asid);
  p.trace.fact('note', { what: 'page swapped in', type: typeAsked(call) }, SWAPPED);
  setPage(
    p,
    call.address('DST_PADDR'),
    isMetadata(call)
      ? { gpa: metadataGpa(spaOf(p, call.address('GCTX_PADDR'))) }
      : {
          ...restored(entry, record),
          vmsa: record.vmsa,
          validated: entry.validated || record.validated,
        },
  );
  const used = encodeMetadata({ ...record, valid: false });
  if (usesRoot(call)) call.patchContext({ root: toHex(used) });
  else call.copyOut('MDATA_PADDR', used);
}

export const SNP_PAGE_SWAP_IN = command({
  id: 0x0c1,
  name: 'SNP_PAGE_SWAP_IN',
  purpose: 'Bring a page back that was swapped out.',
  source: SOURCE,
  writes: 'nothing',
  checks: [
    reserved(
      'bits 11:0 of an address, the reserved field, or FLAGS bits 63:5',
      ['GCTX_PADDR', PAGE_OFFSET],
      ['SRC_PADDR', PAGE_OFFSET],
      ['DST_PADDR', PAGE_OFFSET],
      ['reserved'],
      ['FLAGS', ((1n << 64n) - 1n) & ~0x1fn],
    ),
    snpInitialised,
    outsideTable('GCTX_PADDR', 'SRC_PADDR', 'DST_PADDR'),
    isContext(),
    ...metadataEntry,
    contextIn('LAUNCH', 'RUNNING'),
    swapAllowed,
    isBound,
    ...kinds,
    owner,
    copyable('source or destination', ['SRC_PADDR', bytesAsked], ['DST_PADDR', bytesAsked]),
    check(
      'swap-tag',
      'the tag does not fit: the copy or its entry was changed, or another guest’s',
      'BAD_MEASUREMENT',
      (call) => opened(call) === null,
    ),
  ],
  run: swapIn,
});
