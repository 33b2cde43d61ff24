import { LARGE_PAGE_SIZE, PAGE_SIZE } from '../../../core/address';
import type { Rule } from '../../../core/fault';
import { metadataGpa } from '../../../rmp/pageState';
import type { Call } from '../../call';
import { copyable } from '../../checks/address';
import { foreign } from '../../checks/metadata';
import { neverHere } from '../../checks/platform';
import {
  bytesAsked,
  contextIn,
  isBound,
  isContext,
  outsideTable,
  ownedByGuest,
  PAGE_OFFSET,
  pageIn,
  reserved,
  sizeAsked,
  snpInitialised,
  swapAllowed,
} from '../../checks/snp';
import { type Check, command } from '../../command';
import { readGuest, readHost, writeGuest, writeHost } from '../../memory';
import { restored, upperHalf } from '../../snp/metadata';
import { findPage, MUTABLE, setPage, spaOf } from '../../snp/pages';

/** A guest’s pages change their place, and metadata pages come into being. */
const SOURCE = 'AMD-ASPFW sev_mcmd.c (snp_mcmd_page_move)';

const MOVED: Rule = {
  id: 'asp.snp-moved',
  says: 'A page that moves is encrypted anew, because the cipher depends on the place; guest and hypervisor notice nothing else.',
  source: SOURCE,
  standing: 'published',
};

const contextGpa = (call: Call): number => metadataGpa(spaOf(call.p, call.address('GCTX_PADDR')));

/** What kind of move it is, by the states of both pages. */
function kindOf(call: Call): 'guest' | 'metadata' | null {
  const source = findPage(call.p, call.address('SRC_PADDR')).state;
  const destination = findPage(call.p, call.address('DST_PADDR')).state;
  if ((source === 'Pre-Swap' || source === 'Pre-Guest') && destination === 'Pre-Guest') return 'guest';
  return source === 'Metadata' && destination === 'Firmware' ? 'metadata' : null;
}

const owner: Check = {
  id: 'asp.snp-move-owner',
  says: 'a guest page does not belong to the guest’s ASID, or the metadata page is another guest’s',
  status: 'INVALID_PAGE_OWNER',
  source: SOURCE,
  holds: (call) =>
    kindOf(call) === 'metadata'
      ? foreign(call, 'SRC_PADDR')
      : ownedByGuest('SRC_PADDR', 'DST_PADDR').holds(call),
};

const isSamePlace = (call: Call): boolean =>
  spaOf(call.p, call.address('SRC_PADDR')) === spaOf(call.p, call.address('DST_PADDR'));

function moveGuestPage(call: Call): void {
  const { p, context } = call;
  const [from, to] = [call.address('SRC_PADDR'), call.address('DST_PADDR')];
  const source = findPage(p, from).entry;
  const destination = findPage(p, to).entry;
  if (!source || !destination) throw new Error('a command went on without its pages');
  if (!isSamePlace(call)) writeGuest(p, to, readGuest(p, from, bytesAsked(call), context.asid), context.asid);
  setPage(p, from, { ...MUTABLE, validated: false });
  setPage(p, to, {
    ...restored(destination, { upper: upperHalf(source), gpa: BigInt(source.gpa) }),
    ...MUTABLE,
    vmsa: source.vmsa,
    validated: source.validated,
  });
}

function moveMetadataPage(call: Call): void {
  const { p } = call;
  writeHost(p, call.address('DST_PADDR'), readHost(p, call.address('SRC_PADDR'), bytesAsked(call)));
  setPage(p, call.address('SRC_PADDR'), { gpa: 0, vmsa: false });
  setPage(p, call.address('DST_PADDR'), { gpa: contextGpa(call) });
}

export const SNP_PAGE_MOVE = command({
  id: 0x0c2,
  name: 'SNP_PAGE_MOVE',
  purpose: 'Move a page of a guest, or a metadata page, to another place in memory.',
  source: SOURCE,
  writes: 'nothing',
  checks: [
    reserved(
      'bits 11:0 of an address, FLAGS bits 31:1, or the reserved field',
      ['GCTX_PADDR', PAGE_OFFSET],
      ['SRC_PADDR', PAGE_OFFSET],
      ['DST_PADDR', PAGE_OFFSET],
      ['FLAGS', 0xfffffffen],
      ['reserved'],
    ),
    snpInitialised,
    outsideTable('GCTX_PADDR', 'SRC_PADDR', 'DST_PADDR'),
    isContext(),
    sizeAsked('SRC_PADDR', 'DST_PADDR'),
    contextIn('LAUNCH', 'RUNNING'),
    swapAllowed,
    isBound,
    {
      id: 'asp.snp-move-state',
      says: 'the pages are neither Pre-Swap or Pre-Guest and Pre-Guest, nor Metadata and Firmware',
      status: 'INVALID_PAGE_STATE',
      source: SOURCE,
      holds: (call) => kindOf(call) === null,
    },
    owner,
    neverHere(
      'snp-move-window',
      'a page crosses a boundary of 64 MiB',
      'INVALID_PARAM',
      'AMD-ASPFW x86_copy.c (copy_to_x86_encrypted_from_x86_encrypted)',
    ),
    copyable('source or destination', ['SRC_PADDR', bytesAsked], ['DST_PADDR', bytesAsked]),
  ],
  run: (call) => {
    const [from, to] = [call.address('SRC_PADDR'), call.address('DST_PADDR')].map((at) => spaOf(call.p, at));
    const moved = {
      what: 'page moved',
      kind: kindOf(call),
      from: from ?? 0,
      to: to ?? 0,
      length: bytesAsked(call),
    };
    call.p.trace.fact('note', moved, MOVED);
    if (kindOf(call) === 'metadata') moveMetadataPage(call);
    else moveGuestPage(call);
  },
});

const MD_INIT = 'AMD-ASPFW sev_mcmd.c (snp_mcmd_md_init)';

/** The page decides itself how large it is. */
const pageBytes = (call: Call): number =>
  findPage(call.p, call.address('PAGE_PADDR')).entry?.large ? LARGE_PAGE_SIZE : PAGE_SIZE;

export const SNP_PAGE_MD_INIT = command({
  id: 0x0c3,
  name: 'SNP_PAGE_MD_INIT',
  purpose: 'Make a firmware page an empty metadata page of a guest.',
  source: MD_INIT,
  writes: 'nothing',
  checks: [
    reserved('bits 11:0 of an address', ['GCTX_PADDR', PAGE_OFFSET], ['PAGE_PADDR', PAGE_OFFSET]),
    snpInitialised,
    outsideTable('GCTX_PADDR', 'PAGE_PADDR'),
    isContext(),
    pageIn('PAGE_PADDR', 'Firmware'),
    contextIn('LAUNCH', 'RUNNING'),
    copyable('the page', ['PAGE_PADDR', pageBytes]),
  ],
  run: (call) => {
    writeHost(call.p, call.address('PAGE_PADDR'), new Uint8Array(pageBytes(call)));
    setPage(call.p, call.address('PAGE_PADDR'), { gpa: contextGpa(call) });
  },
});
