import { PAGE_SIZE } from '../../core/address';
import type { Call } from '../call';
import { copyable, misaligned } from '../checks/address';
import { hasAsid, liveGuest, policyForbids } from '../checks/guest';
import { writable } from '../checks/pages';
import { platformIn } from '../checks/platform';
import { type Check, command } from '../command';
import { readGuest, readHost, withoutC, writeGuest, writeHost } from '../memory';
import { CHUNK_BYTES } from './launch';

/** Guest memory moved, and looked into or written where the policy lets the host debug. */
const SOURCE = 'AMD-ASPFW sev_mcmd.c (sev_mcmd_copy)';

/** Copies may not leave a window of 64 MiB (AMD-ASPFW x86_copy.c). */
const WINDOW = 0x400_0000n;

const leavesWindow = (call: Call, name: string): boolean => {
  const at = withoutC(call.p, call.address(name));
  return at / WINDOW !== (at + BigInt(call.int('LENGTH')) - 1n) / WINDOW;
};

/** Goes through a copy in pieces, from SRC to DST. */
function pieces(call: Call, move: (from: bigint, to: bigint, length: number) => void): void {
  const length = call.int('LENGTH');
  for (let done = 0; done < length; done += CHUNK_BYTES)
    move(
      call.address('SRC_PADDR') + BigInt(done),
      call.address('DST_PADDR') + BigInt(done),
      Math.min(CHUNK_BYTES, length - done),
    );
}

const bothRanges = copyable('source or destination', ['SRC_PADDR', 'LENGTH'], ['DST_PADDR', 'LENGTH']);

export const COPY = command({
  id: 0x024,
  name: 'COPY',
  purpose: 'Move encrypted pages of a guest: decrypted and encrypted again for their new address.',
  source: SOURCE,
  writes: 'nothing',
  checks: [
    platformIn('WORKING'),
    liveGuest,
    hasAsid,
    {
      id: 'asp.copy-length',
      says: 'LENGTH is 0 or no multiple of 4096',
      status: 'INVALID_LENGTH',
      source: SOURCE,
      holds: (call) => call.int('LENGTH') === 0 || call.int('LENGTH') % PAGE_SIZE !== 0,
    },
    misaligned(PAGE_SIZE, 'SRC_PADDR', 'DST_PADDR'),
    writable('the destination', ['DST_PADDR', 'LENGTH']),
    {
      id: 'asp.copy-onto-itself',
      says: 'the first page is already there: nothing is done',
      status: 'SUCCESS',
      source: SOURCE,
      holds: (call) =>
        withoutC(call.p, call.address('SRC_PADDR')) === withoutC(call.p, call.address('DST_PADDR')),
    },
    {
      id: 'asp.copy-window',
      says: 'source or destination crosses a boundary of 64 MiB',
      status: 'INVALID_PARAM',
      source: 'AMD-ASPFW x86_copy.c (x86_copy)',
      holds: (call) => leavesWindow(call, 'SRC_PADDR') || leavesWindow(call, 'DST_PADDR'),
    },
    bothRanges,
  ],
  run: (call) => {
    const { asid } = call.theGuest;
    const bytes = readGuest(call.p, call.address('SRC_PADDR'), call.int('LENGTH'), asid);
    writeGuest(call.p, call.address('DST_PADDR'), bytes, asid);
  },
});

const DEBUG: readonly Check[] = [
  platformIn('WORKING'),
  misaligned(16, 'SRC_PADDR', 'DST_PADDR'),
  {
    id: 'asp.debug-length',
    says: 'LENGTH is no multiple of 16',
    status: 'INVALID_LENGTH',
    source: 'AMD-ASPFW sev_mcmd.c (debug_crypt_common)',
    holds: (call) => call.int('LENGTH') % 16 !== 0,
  },
  liveGuest,
  policyForbids('NODBG'),
  writable('the destination', ['DST_PADDR', 'LENGTH']),
  hasAsid,
  bothRanges,
];

export const DBG_DECRYPT = command({
  id: 0x060,
  name: 'DBG_DECRYPT',
  purpose: 'Copy guest memory out as plaintext, where the guest’s policy allows debugging.',
  source: 'AMD-ASPFW sev_mcmd.c (sev_mcmd_dbg_decrypt)',
  writes: 'nothing',
  checks: DEBUG,
  run: (call) => {
    const { p, theGuest } = call;
    pieces(call, (from, to, length) => writeHost(p, to, readGuest(p, from, length, theGuest.asid)));
  },
});

export const DBG_ENCRYPT = command({
  id: 0x061,
  name: 'DBG_ENCRYPT',
  purpose: 'Write plaintext into guest memory, where the guest’s policy allows debugging.',
  source: 'AMD-ASPFW sev_mcmd.c (sev_mcmd_dbg_encrypt)',
  writes: 'nothing',
  checks: DEBUG,
  run: (call) => {
    const { p, theGuest } = call;
    pieces(call, (from, to, length) => writeGuest(p, to, readHost(p, from, length), theGuest.asid));
  },
});
