import { gcm } from '@noble/ciphers/aes.js';
import { LARGE_PAGE_SIZE, PAGE_SIZE } from '../../core/address';
import { readU32, u32, u64 } from '../../core/bytes';
import type { Call } from '../call';
import { copyable, rangeStatus } from '../checks/address';
import { hasAsid, liveGuest } from '../checks/guest';
import { writable } from '../checks/pages';
import { platformIn } from '../checks/platform';
import { type Check, command } from '../command';
import { readGuest, readHost, withoutC, writeGuest } from '../memory';
import { secretBytes } from '../secrets';
import type { StatusName } from '../status';
import { isProtectedVmsa } from '../tmr';

/**
 * A page leaves memory under the guest's offline key and comes back (AES-256-GCM). The record beside it is authenticated
 * with it, so page and record belong together.
 */
const OUT = 'AMD-ASPFW sev_mcmd.c (sev_mcmd_swap_out)';
const IN = 'AMD-ASPFW sev_mcmd.c (sev_mcmd_swap_in)';

const RECORD_BYTES = 64;
/** Modelled, the layout is not published: IV at 0, SOFTWARE_DATA at 8, flags at 16, the tag in the last 16 bytes. */
const RECORD = { iv: 0, software: 8, flags: 16, tag: 48 } as const;

const VMSA = 2;
const isLarge = (call: Call): boolean => (call.int('FLAGS') & 1) === 1;
const pageType = (call: Call): number => (call.int('FLAGS') >>> 1) & 3;
const inPlace = (call: Call): boolean => (call.int('FLAGS') & 8) !== 0;
const pageBytes = (call: Call): number => (isLarge(call) ? LARGE_PAGE_SIZE : PAGE_SIZE);

const at = (call: Call, name: string): bigint => withoutC(call.p, call.address(name));

const ranges = (source: string): Check => ({
  id: 'asp.swap-range',
  says: 'source, destination or record lies in forbidden memory, or not inside one range of DRAM',
  status: 'INVALID_ADDRESS',
  source,
  holds: (call) => {
    const sizes = { SRC_PADDR: pageBytes(call), DST_PADDR: pageBytes(call), MDATA_PADDR: RECORD_BYTES };
    return Object.entries(sizes).some(
      ([name, size]) => rangeStatus(call.p, call.address(name), size) !== null,
    );
  },
});

/** @param small destination needs only 4 KiB, whatever the page: so the code of SWAP_IN has it. */
const alignment = (source: string, small: boolean): Check => ({
  id: 'asp.swap-alignment',
  says: `source or destination is no multiple of the page’s size${small ? ' (destination: of 4096)' : ''}, or the record none of 64`,
  status: 'INVALID_ADDRESS',
  source,
  holds: (call) => {
    const page = BigInt(pageBytes(call));
    return (
      at(call, 'SRC_PADDR') % page !== 0n ||
      at(call, 'DST_PADDR') % (small ? BigInt(PAGE_SIZE) : page) !== 0n ||
      at(call, 'MDATA_PADDR') % BigInt(RECORD_BYTES) !== 0n
    );
  },
});

const overlapping = (source: string): Check => ({
  id: 'asp.swap-overlap',
  says: 'the record lies in source or destination',
  status: 'INVALID_PARAM',
  source,
  holds: (call) => {
    const record = at(call, 'MDATA_PADDR');
    return ['SRC_PADDR', 'DST_PADDR'].some((name) => {
      const page = at(call, name);
      return record < page + BigInt(pageBytes(call)) && page < record + BigInt(RECORD_BYTES);
    });
  },
});

const sourcePage = (call: Call): Uint8Array =>
  call.once('source page', () =>
    readGuest(call.p, call.address('SRC_PADDR'), pageBytes(call), call.theGuest.asid),
  );

const offlineKey = (call: Call): Uint8Array => secretBytes(call.p.config, call.theGuest.oek, 32);

export const SWAP_OUT = command({
  id: 0x070,
  name: 'SWAP_OUT',
  purpose: 'Encrypt a page of the guest for storage outside memory.',
  source: OUT,
  writes: 'buffer and lengths',
  checks: [
    platformIn('WORKING'),
    ranges(OUT),
    alignment(OUT, false),
    overlapping(OUT),
    {
      id: 'asp.swap-large-vmsa',
      says: 'a VMSA as a page of 2 MiB',
      status: 'INVALID_PARAM',
      source: OUT,
      holds: (call) => pageType(call) === VMSA && isLarge(call),
    },
    liveGuest,
    hasAsid,
    {
      id: 'asp.swap-counter',
      says: 'the guest’s counter of swapped pages is exhausted',
      status: 'AEAD_OFLOW',
      source: OUT,
      holds: (call) => call.theGuest.swaps >= Number.MAX_SAFE_INTEGER,
    },
    writable('the destination', ['DST_PADDR', pageBytes]),
    writable('the record', ['MDATA_PADDR', RECORD_BYTES]),
    {
      id: 'asp.swap-type',
      says: 'the page is a VMSA and PAGE_TYPE says otherwise, or the reverse',
      status: 'INVALID_PARAM',
      source: OUT,
      holds: (call) => isProtectedVmsa(call.p, sourcePage(call)) !== (pageType(call) === VMSA),
    },
  ],
  run: (call) => {
    const { swaps } = call.theGuest;
    const iv = u64(BigInt(swaps));
    const record = new Uint8Array(RECORD_BYTES);
    record.set(iv, RECORD.iv);
    record.set(u64(call.address('SOFTWARE_DATA')), RECORD.software);
    record.set(u32(call.int('FLAGS') & 7), RECORD.flags);
    const sealed = gcm(offlineKey(call), iv, record).encrypt(sourcePage(call));
    const bytes = pageBytes(call);
    const whole = record.slice();
    whole.set(sealed.subarray(bytes), RECORD.tag);
    call.copyOut('DST_PADDR', sealed.subarray(0, bytes));
    call.copyOut('MDATA_PADDR', whole);
    call.patchGuest({ swaps: swaps + 1 });
  },
});

/** The page decrypted, or null when page, record and key do not belong together. */
const opened = (call: Call): Uint8Array | null =>
  call.once('opened', () => {
    const whole = call.copyIn('MDATA_PADDR', RECORD_BYTES);
    const record = whole.slice();
    record.fill(0, RECORD.tag);
    const bytes = pageBytes(call);
    const sealed = new Uint8Array(bytes + 16);
    sealed.set(readHost(call.p, call.address('SRC_PADDR'), bytes));
    sealed.set(whole.subarray(RECORD.tag), bytes);
    try {
      return gcm(offlineKey(call), whole.subarray(RECORD.iv, RECORD.iv + 8), record).decrypt(sealed);
    } catch {
      return null;
    }
  });

function recordDiffers(call: Call): boolean | StatusName {
  const flags = readU32(call.copyIn('MDATA_PADDR', RECORD_BYTES), RECORD.flags);
  return (
    (flags & 7) !== (call.int('FLAGS') & 7) ||
    (inPlace(call) && (pageType(call) === VMSA || at(call, 'SRC_PADDR') !== at(call, 'DST_PADDR')))
  );
}

export const SWAP_IN = command({
  id: 0x071,
  name: 'SWAP_IN',
  purpose: 'Bring a page back that SWAP_OUT encrypted.',
  source: IN,
  writes: 'nothing',
  checks: [
    platformIn('WORKING'),
    ranges(IN),
    alignment(IN, true),
    overlapping(IN),
    copyable('the record', ['MDATA_PADDR', RECORD_BYTES]),
    {
      id: 'asp.swap-record',
      says: 'size or type differ from the record, SWAP_IN_PLACE of a VMSA, or in place with another destination',
      status: 'INVALID_PARAM',
      source: IN,
      holds: recordDiffers,
    },
    liveGuest,
    hasAsid,
    writable('the destination', ['DST_PADDR', pageBytes]),
    {
      id: 'asp.swap-tag',
      says: 'page and record do not belong together: the tag does not fit',
      status: 'BAD_MEASUREMENT',
      source: IN,
      holds: (call) => opened(call) === null,
    },
  ],
  run: (call) => {
    const page = opened(call);
    if (page) writeGuest(call.p, call.address('DST_PADDR'), page, call.theGuest.asid);
  },
});
