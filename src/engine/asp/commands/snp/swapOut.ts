import { toHex } from '../../../core/bytes';
import type { Rule } from '../../../core/fault';
import type { PageState } from '../../../rmp/types';
import type { Call } from '../../call';
import { copyable } from '../../checks/address';
import { foreign, metadataEntry, usesRoot } from '../../checks/metadata';
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
import { encodeMetadata, SWAP_TYPES, type SwapType, upperHalf } from '../../snp/metadata';
import { findPage, setPage } from '../../snp/pages';
import { readSwapped, sealPage } from '../../snp/swap';

/** A page of a guest leaves memory. */
const SOURCE = 'AMD-ASPFW sev_mcmd.c (snp_mcmd_swap_out)';

const SWAPPED: Rule = {
  id: 'asp.snp-swapped-out',
  says: 'A page that is swapped out is encrypted with a key of its guest; where it was, what it was and how to know it again stays in a metadata entry.',
  source: SOURCE,
  standing: 'published',
};

/** The type that a command names; null for number 3. */
export function typeAsked(call: Call): SwapType | null {
  const number = Number((call.address('FLAGS') >> 1n) & 3n);
  return (Object.keys(SWAP_TYPES) as SwapType[]).find((type) => SWAP_TYPES[type] === number) ?? null;
}

const SOURCES: Readonly<Record<SwapType, readonly PageState[]>> = {
  data: ['Pre-Swap', 'Pre-Guest'],
  vmsa: ['Pre-Swap', 'Pre-Guest'],
  metadata: ['Metadata'],
};

const stateOf = (call: Call, name: string): PageState => findPage(call.p, call.address(name)).state;

const sizes: Check = {
  id: 'asp.snp-page-size',
  says: 'PAGE_SIZE is not the size of the source, or of a destination that the RMP covers',
  status: 'INVALID_PAGE_SIZE',
  source: SOURCE,
  holds: (call) => {
    const source = findPage(call.p, call.address('SRC_PADDR')).entry;
    const destination = findPage(call.p, call.address('DST_PADDR')).entry;
    const asked = wantsLarge(call);
    return (source?.large ?? false) !== asked || (destination !== null && destination.large !== asked);
  },
};

const states: Check = {
  id: 'asp.snp-swap-state',
  says: 'PAGE_TYPE is 3; the source is not Pre-Swap or Pre-Guest, or for a metadata page not Metadata; or the destination is neither Firmware nor Default',
  status: 'INVALID_PAGE_STATE',
  source: SOURCE,
  holds: (call) => {
    const type = typeAsked(call);
    const destination = stateOf(call, 'DST_PADDR');
    if (!type || !SOURCES[type].includes(stateOf(call, 'SRC_PADDR'))) return true;
    return destination !== 'Firmware' && destination !== 'Default';
  },
};

const owner: Check = {
  ...ownedByGuest('SRC_PADDR'),
  holds: (call) =>
    typeAsked(call) === 'metadata' ? foreign(call, 'SRC_PADDR') : ownedByGuest('SRC_PADDR').holds(call),
};

/** All bits of a field of 64 bits. */
const ALL = (1n << 64n) - 1n;

/** The counter is taken, and stays taken when the pages turn out not to be reachable. */
const takeCounter = (call: Call): void => call.patchContext({ swaps: call.context.swaps + 1 });

function swapOut(call: Call): void {
  const { p, context } = call;
  const { entry } = findPage(p, call.address('SRC_PADDR'));
  const type = typeAsked(call);
  if (!entry || !type) throw new Error('a command went on without its page');
  const isMetadata = type === 'metadata';
  const iv = BigInt(context.swaps);
  const page = readSwapped(p, call.address('SRC_PADDR'), bytesAsked(call), isMetadata ? 0 : context.asid);
  const { bytes, tag } = sealPage(p, context, iv, page);
  p.trace.fact('note', { what: 'page swapped out', type, counter: context.swaps }, SWAPPED);
  takeCounter(call);
  call.copyOut('DST_PADDR', bytes);
  const record = encodeMetadata({
    softwareData: call.address('SOFTWARE_DATA'),
    iv,
    tag,
    valid: true,
    validated: !isMetadata && entry.validated,
    vmsa: type === 'vmsa',
    metadata: isMetadata,
    large: entry.large,
    gpa: isMetadata ? ALL : BigInt(entry.gpa),
    upper: isMetadata ? new Uint8Array(8) : upperHalf(entry),
  });
  setPage(p, call.address('SRC_PADDR'), isMetadata ? { gpa: 0, vmsa: false } : { validated: false });
  if (usesRoot(call)) call.patchContext({ root: toHex(record) });
  else call.copyOut('MDATA_PADDR', record);
}

const reach = copyable('source or destination', ['SRC_PADDR', bytesAsked], ['DST_PADDR', bytesAsked]);

export const SNP_PAGE_SWAP_OUT = command({
  id: 0x0c0,
  name: 'SNP_PAGE_SWAP_OUT',
  purpose: 'Encrypt a page of a guest, or a metadata page, for storage outside of memory.',
  source: SOURCE,
  writes: 'nothing',
  checks: [
    reserved(
      'bits 11:0 of an address, or FLAGS bit 3 or bits 63:5',
      ['GCTX_PADDR', PAGE_OFFSET],
      ['SRC_PADDR', PAGE_OFFSET],
      ['DST_PADDR', PAGE_OFFSET],
      ['FLAGS', ALL & ~0x17n],
    ),
    snpInitialised,
    outsideTable('GCTX_PADDR', 'SRC_PADDR', 'DST_PADDR'),
    isContext(),
    ...metadataEntry,
    sizes,
    contextIn('LAUNCH', 'RUNNING'),
    swapAllowed,
    isBound,
    states,
    owner,
    {
      id: 'asp.snp-swap-counter',
      says: 'the guest’s counter of swapped pages is used up (2^53 pages here)',
      status: 'AEAD_OFLOW',
      source: SOURCE,
      holds: ({ context }) => context.swaps >= Number.MAX_SAFE_INTEGER,
    },
    { ...reach, refusing: takeCounter },
  ],
  run: swapOut,
});
