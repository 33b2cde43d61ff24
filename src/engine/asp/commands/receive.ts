import { copyable, misaligned } from '../checks/address';
import { guestIn, hasAsid, isEsGuest, liveGuest } from '../checks/guest';
import { writable } from '../checks/pages';
import { neverHere, platformIn } from '../checks/platform';
import { type Check, command } from '../command';
import { PACKET_CONTEXT, PACKET_HEADER_BYTES } from '../crypto/packet';
import { writeGuest } from '../memory';
import { badPacket, CHUNK_BYTES, compressed, openPacket, poolEmpty, storeVmsa } from './launch';
import { admitGuest } from './lifecycle';
import { shortPacket } from './send';

/** A guest arrives from another platform, packet by packet. */
const SOURCE = 'AMD-ASPFW sev_mcmd.c (sev_mcmd_receive_update)';

const packetLengths: Check = {
  id: 'asp.receive-length',
  says: 'TRANS_LEN is 0 or above 20 KiB, GUEST_LEN differs from it or is no multiple of 16, or HDR_LEN is below 0x34',
  status: 'INVALID_LENGTH',
  source: SOURCE,
  holds: (call) => {
    const length = call.int('TRANS_LEN');
    return (
      length === 0 ||
      length > CHUNK_BYTES ||
      call.int('GUEST_LEN') !== length ||
      length % 16 !== 0 ||
      call.int('HDR_LEN') < PACKET_HEADER_BYTES
    );
  },
};

const packet: readonly Check[] = [
  hasAsid,
  packetLengths,
  misaligned(16, 'GUEST_PADDR'),
  writable('the guest region', ['GUEST_PADDR', 'GUEST_LEN']),
  copyable(
    'header, guest region or transport buffer',
    ['HDR_PADDR', PACKET_HEADER_BYTES],
    ['GUEST_PADDR', 'GUEST_LEN'],
    ['TRANS_PADDR', 'TRANS_LEN'],
  ),
  compressed(SOURCE),
  shortPacket(SOURCE),
  badPacket(PACKET_CONTEXT.data),
];

export const RECEIVE_UPDATE_DATA = command({
  id: 0x051,
  name: 'RECEIVE_UPDATE_DATA',
  purpose: 'Take a piece of the guest’s memory in: decrypted with the TEK, encrypted with the guest’s key.',
  source: SOURCE,
  writes: 'nothing',
  checks: [platformIn('WORKING'), liveGuest, guestIn('RUPDATE'), ...packet],
  run: (call) => writeGuest(call.p, call.address('GUEST_PADDR'), openPacket(call), call.theGuest.asid),
});

export const RECEIVE_UPDATE_VMSA = command({
  id: 0x052,
  name: 'RECEIVE_UPDATE_VMSA',
  purpose: 'Take the state of a virtual CPU in and give it a checksum.',
  source: SOURCE,
  writes: 'nothing',
  checks: [
    platformIn('WORKING'),
    liveGuest,
    guestIn('RUPDATE'),
    isEsGuest,
    ...packet,
    {
      id: 'asp.received-vmsa-length',
      says: 'the VMSA is shorter than 4096',
      status: 'INVALID_LENGTH',
      source: SOURCE,
      holds: (call) => call.int('GUEST_LEN') < 4096,
    },
    poolEmpty,
  ],
  run: (call) => storeVmsa(call, 'GUEST_PADDR', openPacket(call)),
});

export const RECEIVE_FINISH = command({
  id: 0x053,
  name: 'RECEIVE_FINISH',
  purpose: 'End the arrival: the cores now take the guest’s ASID.',
  source: 'AMD-ASPFW sev_mcmd.c (sev_mcmd_receive_finish)',
  writes: 'nothing',
  checks: [
    platformIn('WORKING'),
    liveGuest,
    guestIn('RUPDATE'),
    neverHere(
      'not-enabled',
      'the pending ASID cannot be enabled',
      'HARDWARE_UNSAFE',
      'AMD-ASPFW sev_guest.c',
    ),
  ],
  run: admitGuest,
});
