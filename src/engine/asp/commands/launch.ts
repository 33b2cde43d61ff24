import { concatBytes } from '@noble/hashes/utils.js';
import { bytesEqual, fromHex, toHex, u32 } from '../../core/bytes';
import type { Call } from '../call';
import { copyable, misaligned } from '../checks/address';
import { guestIn, hasAsid, isEsGuest, liveGuest } from '../checks/guest';
import { writable } from '../checks/pages';
import { neverHere, platformIn } from '../checks/platform';
import { type Check, command } from '../command';
import { ALGO, USAGE } from '../crypto/certificate';
import { ecdsaSign } from '../crypto/ecc';
import { measurement } from '../crypto/measure';
import { ctr, decodePacketHeader, PACKET_CONTEXT, PACKET_HEADER_BYTES, packetMac } from '../crypto/packet';
import { digestEnd, digestMore, emptyDigest } from '../crypto/runningDigest';
import { identityOf, keyPair } from '../identity';
import { readHost, writeGuest } from '../memory';
import { FIRMWARE } from '../platform';
import { drawSecret, secretBytes } from '../secrets';
import { freeBlock, protectVmsa } from '../tmr';
import { transportKeys } from '../transport';
import { admitGuest } from './lifecycle';

/** From measured plaintext to a guest that may run. */
const UPDATE = 'AMD-ASPFW sev_mcmd.c (launch_update_common)';

/** What the firmware copies at a time. */
export const CHUNK_BYTES = 0x5000;

const unitLength: Check = {
  id: 'asp.length-unit',
  says: 'LENGTH is 0 or not a multiple of 16',
  status: 'INVALID_LENGTH',
  source: UPDATE,
  holds: (call) => call.int('LENGTH') === 0 || call.int('LENGTH') % 16 !== 0,
};

const region: readonly Check[] = [
  misaligned(16, 'PADDR'),
  unitLength,
  writable('the region', ['PADDR', 'LENGTH']),
  copyable('the region', ['PADDR', 'LENGTH']),
];

export const LAUNCH_UPDATE_DATA = command({
  id: 0x031,
  name: 'LAUNCH_UPDATE_DATA',
  purpose: 'Measure plaintext and encrypt it in place with the guest’s key.',
  source: UPDATE,
  writes: 'nothing',
  checks: [platformIn('WORKING'), liveGuest, guestIn('LUPDATE'), hasAsid, ...region],
  run: (call) => {
    const { p, theGuest: guest } = call;
    const length = call.int('LENGTH');
    let digest = guest.digest ?? emptyDigest();
    for (let done = 0; done < length; done += CHUNK_BYTES) {
      const at = call.address('PADDR') + BigInt(done);
      const plaintext = readHost(p, at, Math.min(CHUNK_BYTES, length - done));
      digest = digestMore(digest, plaintext);
      writeGuest(p, at, plaintext, guest.asid);
    }
    call.patchGuest({ digest });
  },
});

const VMSA_BYTES = 4096;

/** Also after RECEIVE_UPDATE_VMSA. */
export const poolEmpty: Check = {
  id: 'asp.checksum-pool',
  says: 'no checksum block is free, or the trusted region waits for its first DF_FLUSH',
  status: 'RESOURCE_LIMIT',
  source: 'AMD-ASPFW pool_u32.c (pool_vcpu_alloc)',
  holds: ({ platform }) => freeBlock(platform) === null,
};

/** Stores a VMSA with its checksum under the guest's key. */
export function storeVmsa(call: Call, name: string, vmsa: Uint8Array): void {
  const { page, block } = protectVmsa(call.p, vmsa);
  const guest = call.theGuest;
  writeGuest(call.p, call.address(name), page, guest.asid);
  call.patchGuest({ vcpus: guest.vcpus + 1, blocks: [...guest.blocks, block] });
}

export const LAUNCH_UPDATE_VMSA = command({
  id: 0x032,
  name: 'LAUNCH_UPDATE_VMSA',
  purpose: 'Measure the first state of a virtual CPU, give it a checksum and encrypt it.',
  source: 'AMD-ASPFW sev_mcmd.c (sev_mcmd_launch_update_vmsa), sev_es.c (sev_es_setup_vmsa)',
  writes: 'nothing',
  checks: [
    {
      id: 'asp.vmsa-length',
      says: 'LENGTH is not 4096',
      status: 'INVALID_LENGTH',
      source: 'AMD-ASPFW sev_mcmd.c (sev_mcmd_launch_update_vmsa)',
      holds: (call) => call.int('LENGTH') !== VMSA_BYTES,
    },
    platformIn('WORKING'),
    liveGuest,
    guestIn('LUPDATE'),
    isEsGuest,
    hasAsid,
    ...region,
    poolEmpty,
  ],
  run: (call) => {
    const vmsa = call.copyIn('PADDR', VMSA_BYTES);
    call.patchGuest({ digest: digestMore(call.theGuest.digest ?? emptyDigest(), vmsa) });
    storeVmsa(call, 'PADDR', vmsa);
  },
});

const MEASUREMENT_BYTES = 0x30;

export const LAUNCH_MEASURE = command({
  id: 0x033,
  name: 'LAUNCH_MEASURE',
  purpose: 'Close the launch digest and give out the measurement that its owner can check.',
  source: 'AMD-ASPFW sev_mcmd.c (sev_mcmd_launch_measure), sev_guest.c (sev_guest_measure)',
  writes: 'buffer and lengths',
  checks: [
    platformIn('WORKING'),
    liveGuest,
    guestIn('LUPDATE'),
    {
      id: 'asp.measure-length',
      says: 'MEASURE_LEN is below 0x30',
      status: 'INVALID_LENGTH',
      source: 'AMD-ASPFW sev_mcmd.c (sev_mcmd_launch_measure)',
      holds: (call) => call.int('MEASURE_LEN') < MEASUREMENT_BYTES,
      refusing: (call) => call.answer('MEASURE_LEN', MEASUREMENT_BYTES),
    },
    writable('the output buffer', ['MEASURE_PADDR', 'MEASURE_LEN']),
    copyable('the output buffer', ['MEASURE_PADDR', MEASUREMENT_BYTES]),
  ],
  run: (call) => {
    const { p, theGuest: guest } = call;
    const digest = digestEnd(guest.digest ?? emptyDigest());
    const mnonce = secretBytes(p.config, drawSecret(p, 'nonce'), 16);
    const { tik } = transportKeys(p, guest);
    const measured = measurement({
      tik,
      apiMajor: FIRMWARE.major,
      apiMinor: FIRMWARE.minor,
      buildId: FIRMWARE.build,
      policy: guest.policy,
      digest,
      mnonce,
    });
    call.copyOut('MEASURE_PADDR', concatBytes(measured, mnonce));
    call.answer('MEASURE_LEN', MEASUREMENT_BYTES);
    call.patchGuest({
      state: 'LSECRET',
      digest: null,
      launchDigest: toHex(digest),
      measurement: toHex(measured),
    });
  },
});

const SECRET = 'AMD-ASPFW sev_mcmd.c (sev_mcmd_launch_secret)';

/** The packet's header, its data, and whether its MAC fits the guest. */
function packetFits(call: Call, context: 1 | 2): boolean {
  const { p, theGuest: guest } = call;
  const { flags, iv, mac } = decodePacketHeader(call.copyIn('HDR_PADDR', PACKET_HEADER_BYTES));
  const expected = packetMac({
    context,
    tik: transportKeys(p, guest).tik,
    flags,
    iv,
    guestLength: call.int('GUEST_LEN'),
    transLength: call.int('TRANS_LEN'),
    data: call.copyIn('TRANS_PADDR', call.int('TRANS_LEN')),
    ...(context === PACKET_CONTEXT.secret && { measure: fromHex(guest.measurement ?? '') }),
  });
  return bytesEqual(expected, mac);
}

/** What is in the packet, decrypted. */
export function openPacket(call: Call): Uint8Array {
  const { iv } = decodePacketHeader(call.copyIn('HDR_PADDR', PACKET_HEADER_BYTES));
  const { tek } = transportKeys(call.p, call.theGuest);
  return ctr(tek, iv, call.copyIn('TRANS_PADDR', call.int('TRANS_LEN')));
}

export const compressed = (source: string): Check => ({
  id: 'asp.packet-compressed',
  says: 'the packet’s FLAGS have bit 0, compressed',
  status: 'UNSUPPORTED',
  source,
  holds: (call) => (decodePacketHeader(call.copyIn('HDR_PADDR', PACKET_HEADER_BYTES)).flags & 1) === 1,
});

export const badPacket = (context: 1 | 2): Check => ({
  id: 'asp.packet-mac',
  says: 'the packet’s MAC does not fit',
  status: 'BAD_MEASUREMENT',
  source: 'AMD-ASPFW sev_channel.c (sev_channel_hmac)',
  holds: (call) => !packetFits(call, context),
});

export const LAUNCH_SECRET = command({
  id: 0x034,
  name: 'LAUNCH_SECRET',
  purpose: 'Put a secret into the guest that its owner encrypted for exactly this launch.',
  source: SECRET,
  writes: 'nothing',
  checks: [
    platformIn('WORKING'),
    liveGuest,
    misaligned(16, 'GUEST_PADDR'),
    {
      id: 'asp.secret-length',
      says: 'HDR_LEN is not 0x34, GUEST_LEN is 0, no multiple of 16 or above 20 KiB, or TRANS_LEN differs from it',
      status: 'INVALID_LENGTH',
      source: SECRET,
      holds: (call) => {
        const length = call.int('GUEST_LEN');
        return (
          call.int('HDR_LEN') !== PACKET_HEADER_BYTES ||
          length === 0 ||
          length % 16 !== 0 ||
          length > CHUNK_BYTES ||
          call.int('TRANS_LEN') !== length
        );
      },
    },
    guestIn('LSECRET'),
    hasAsid,
    writable('the guest region', ['GUEST_PADDR', 'GUEST_LEN']),
    copyable(
      'header, guest region or transport buffer',
      ['HDR_PADDR', PACKET_HEADER_BYTES],
      ['GUEST_PADDR', 'GUEST_LEN'],
      ['TRANS_PADDR', 'TRANS_LEN'],
    ),
    badPacket(PACKET_CONTEXT.secret),
    compressed(SECRET),
  ],
  run: (call) => writeGuest(call.p, call.address('GUEST_PADDR'), openPacket(call), call.theGuest.asid),
});

export const LAUNCH_FINISH = command({
  id: 0x035,
  name: 'LAUNCH_FINISH',
  purpose: 'End the launch: the cores now take the guest’s ASID.',
  source: 'AMD-ASPFW sev_mcmd.c (sev_mcmd_launch_finish)',
  writes: 'nothing',
  checks: [
    platformIn('WORKING'),
    liveGuest,
    guestIn('LSECRET'),
    neverHere(
      'not-enabled',
      'the pending ASID cannot be enabled',
      'HARDWARE_UNSAFE',
      'AMD-ASPFW sev_guest.c',
    ),
  ],
  run: admitGuest,
});

const REPORT_BYTES = 0xd0;
const NUMBER_BYTES = 72;

/** A number of the signature as the report holds it: 72 bytes, little-endian. */
function reportNumber(bigEndian: Uint8Array): Uint8Array {
  const out = new Uint8Array(NUMBER_BYTES);
  out.set(bigEndian.toReversed());
  return out;
}

export const ATTESTATION = command({
  id: 0x036,
  name: 'ATTESTATION',
  purpose: 'A report on launch digest and policy, signed with the platform’s PEK.',
  source: 'AMD-ASPFW sev_mcmd.c (sev_mcmd_attestation)',
  writes: 'buffer and lengths',
  unguarded: true,
  checks: [
    platformIn('WORKING'),
    liveGuest,
    guestIn('LSECRET', 'RUNNING', 'SUPDATE', 'SENT'),
    {
      id: 'asp.report-length',
      says: 'LENGTH is below 0xd0',
      status: 'INVALID_LENGTH',
      source: 'AMD-ASPFW sev_mcmd.c (sev_mcmd_attestation)',
      holds: (call) => call.int('LENGTH') < REPORT_BYTES,
      refusing: (call) => call.answer('LENGTH', REPORT_BYTES),
    },
    writable('the output buffer', ['PADDR', 'LENGTH']),
    copyable('the output buffer', ['PADDR', REPORT_BYTES]),
  ],
  run: (call) => {
    const { p, theGuest: guest } = call;
    const nonce = call.bytes('MNONCE', 16);
    const digest = guest.launchDigest ? fromHex(guest.launchDigest) : new Uint8Array(32);
    const body = concatBytes(nonce, digest, u32(guest.policy));
    const { r, s } = ecdsaSign(keyPair(p, identityOf(p).pek).secret, body, 'sha256');
    const tail = concatBytes(u32(USAGE.PEK), u32(ALGO['ECDSA-SHA256']), u32(0));
    call.copyOut('PADDR', concatBytes(body, tail, reportNumber(r), reportNumber(s)));
    call.answer('LENGTH', REPORT_BYTES);
  },
});
