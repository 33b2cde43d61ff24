import { bytesEqual } from '../../core/bytes';
import { isFusedRoot } from '../amdRoot';
import { masksOf } from '../asids';
import type { Call } from '../call';
import { copyable, misaligned } from '../checks/address';
import { guestIn, hasAsid, isEsGuest, liveGuest, policyForbids } from '../checks/guest';
import { writable } from '../checks/pages';
import { platformIn } from '../checks/platform';
import { type Check, type CommandDefinition, command } from '../command';
import {
  type AmdCertificate,
  amdKey,
  decodeAmdCertificate,
  verifyAmdCertificate,
} from '../crypto/amdCertificate';
import {
  ALGO,
  certificateBody,
  certificatePoint,
  decodeCertificate,
  type SevCertificate,
  USAGE,
} from '../crypto/certificate';
import { ecdhX } from '../crypto/ecc';
import { ctr, encodePacketHeader, PACKET_CONTEXT, PACKET_HEADER_BYTES, packetMac } from '../crypto/packet';
import { SESSION_BYTES, wrapSession } from '../crypto/session';
import { inspectCertificate, verifyCertificate } from '../crypto/verifyCertificate';
import { POLICY, policyVersion } from '../guests';
import { certificateOf, identityOf, keyPair } from '../identity';
import { readGuest } from '../memory';
import { drawSecret, secretBytes } from '../secrets';
import type { StatusName } from '../status';
import { isProtectedVmsa } from '../tmr';
import { transportKeys } from '../transport';
import { CERTIFICATE_BYTES, certificateAt, signedBy, verdictStatus } from './certificates';
import { CHUNK_BYTES } from './launch';

/** A guest leaves for another platform (AMD-ASPFW sev_mcmd.c: sev_mcmd_send_start, sev_mcmd_send_update). */
const START = 'AMD-ASPFW sev_mcmd.c (sev_mcmd_send_start)';
const PLATFORM = 'AMD-ASPFW sev_mcmd.c (validate_platform)';
const DOMAIN = 'AMD-ASPFW sev_mcmd.c (validate_domain)';
const CHAIN_BYTES = 3 * CERTIFICATE_BYTES;

const asks = (call: Call, bit: number): boolean => (call.theGuest.policy & bit) !== 0;

/** The receiver's certificates behind its PDH, in the order in which they lie there. */
function receiver(call: Call): { pek: SevCertificate; oca: SevCertificate; cek: SevCertificate } {
  const bytes = call.copyIn('PLAT_CERTS_PADDR', CHAIN_BYTES);
  const [pek, oca, cek] = [0, 1, 2].map((i) =>
    decodeCertificate(bytes.slice(i * CERTIFICATE_BYTES, (i + 1) * CERTIFICATE_BYTES)),
  );
  if (!pek || !oca || !cek) throw new Error('a chain of the right length was not decoded');
  return { pek, oca, cek };
}

const pdh = (call: Call): SevCertificate => certificateAt(call, 'PDH_CERT_PADDR');

/** ASK and ARK, one behind the other; null when their lengths do not come out. */
function amd(call: Call): { ask: AmdCertificate; ark: AmdCertificate } | null {
  const bytes = call.copyIn('AMD_CERTS_PADDR', call.int('AMD_CERTS_LEN'));
  const ask = decodeAmdCertificate(bytes.slice(0, bytes.length / 2));
  const ark = decodeAmdCertificate(bytes.slice(bytes.length / 2));
  return ask && ark && { ask, ark };
}

/** Lengths that ASK and ARK can have together: keys of 2048 and of 4096 bits (AMD-ASPFW amd_cert.h). */
const AMD_LENGTHS: readonly number[] = [2 * 0x340, 2 * 0x640];

const first = (...steps: readonly (() => false | StatusName)[]): false | StatusName => {
  for (const step of steps) {
    const status = step();
    if (status) return status;
  }
  return false;
};

/** ARK to PDH: what POLICY.SEV asks for. */
function platformFlaw(call: Call): false | StatusName {
  const root = amd(call);
  if (!root) return 'INVALID_CERTIFICATE';
  const { pek, cek } = receiver(call);
  return first(
    () => !isFusedRoot(root.ark.modulus, root.ark.keyId) && 'INVALID_CERTIFICATE',
    () => verdictStatus(verifyAmdCertificate(root.ark, root.ark, USAGE.ARK)),
    () => verdictStatus(verifyAmdCertificate(root.ask, root.ark, USAGE.ASK)),
    () => verdictStatus(verifyCertificate(cek, amdKey(root.ask))),
    () => signedBy(pek, cek),
    () => signedBy(pdh(call), pek),
  );
}

/** OCA to PDH: what POLICY.DOMAIN asks for. */
function domainFlaw(call: Call): false | StatusName {
  const { pek, oca } = receiver(call);
  return first(
    () => signedBy(oca, oca),
    () => signedBy(pek, oca),
    () => signedBy(pdh(call), pek),
  );
}

function olderThanPolicy(call: Call): boolean {
  const { major, minor } = policyVersion(call.theGuest.policy);
  const { pek } = receiver(call);
  return pek.apiMajor < major || (pek.apiMajor === major && pek.apiMinor < minor);
}

const chainLengths = (call: Call): boolean =>
  call.int('PDH_CERT_LEN') !== CERTIFICATE_BYTES || call.int('PLAT_CERTS_LEN') !== CHAIN_BYTES;

/** A check that the policy's SEV or DOMAIN bit asks for. */
const when = (bit: 'SEV' | 'DOMAIN', check: Check): Check => ({
  ...check,
  says: `the policy has ${bit} and ${check.says}`,
  holds: (call) => asks(call, bit === 'SEV' ? POLICY.sev : POLICY.domain) && check.holds(call),
});

const chainReadable = copyable(
  'a certificate of the receiver',
  ['PDH_CERT_PADDR', CERTIFICATE_BYTES],
  ['PLAT_CERTS_PADDR', CHAIN_BYTES],
);

export const SEND_START = command({
  id: 0x040,
  name: 'SEND_START',
  purpose: 'Begin to send a running guest away: a session for the receiver’s PDH.',
  source: START,
  writes: 'buffer and lengths',
  checks: [
    platformIn('WORKING'),
    liveGuest,
    {
      id: 'asp.session-length',
      says: 'SESSION_LEN is not 0x80',
      status: 'INVALID_LENGTH',
      source: START,
      holds: (call) => call.int('SESSION_LEN') !== SESSION_BYTES,
      refusing: (call) => call.answer('SESSION_LEN', SESSION_BYTES),
    },
    guestIn('RUNNING'),
    policyForbids('NOSEND'),
    when('SEV', {
      id: 'asp.send-sev-length',
      says: 'a certificate has the wrong length',
      status: 'INVALID_LENGTH',
      source: PLATFORM,
      holds: (call) => chainLengths(call) || !AMD_LENGTHS.includes(call.int('AMD_CERTS_LEN')),
    }),
    when('SEV', chainReadable),
    when('SEV', copyable('ASK and ARK', ['AMD_CERTS_PADDR', 'AMD_CERTS_LEN'])),
    when('SEV', {
      id: 'asp.send-sev-chain',
      says: 'ARK, ASK, CEK, PEK or PDH does not verify',
      status: 'INVALID_CERTIFICATE',
      source: PLATFORM,
      holds: platformFlaw,
    }),
    when('SEV', {
      id: 'asp.send-sev-version',
      says: 'the receiver’s firmware, as its PEK tells, is older than the policy asks for',
      status: 'POLICY_FAILURE',
      source: PLATFORM,
      holds: olderThanPolicy,
    }),
    writable('the session buffer', ['SESSION_PADDR', 'SESSION_LEN']),
    when('DOMAIN', {
      id: 'asp.send-domain-length',
      says: 'a certificate has the wrong length',
      status: 'INVALID_LENGTH',
      source: DOMAIN,
      holds: chainLengths,
    }),
    when('DOMAIN', chainReadable),
    when('DOMAIN', {
      id: 'asp.send-domain-chain',
      says: 'OCA, PEK or PDH does not verify',
      status: 'INVALID_CERTIFICATE',
      source: DOMAIN,
      holds: domainFlaw,
    }),
    when('DOMAIN', {
      id: 'asp.send-other-domain',
      says: 'the receiver has another owner: its OCA is not this platform’s',
      status: 'POLICY_FAILURE',
      source: DOMAIN,
      holds: (call) =>
        !bytesEqual(certificateBody(receiver(call).oca), certificateBody(certificateOf(call.p, 'oca'))),
    }),
    {
      id: 'asp.send-pdh-length',
      says: 'the policy has neither SEV nor DOMAIN and PDH_CERT_LEN is not 0x824',
      status: 'INVALID_LENGTH',
      source: START,
      holds: (call) =>
        !asks(call, POLICY.sev | POLICY.domain) && call.int('PDH_CERT_LEN') !== CERTIFICATE_BYTES,
    },
    copyable('the receiver’s PDH', ['PDH_CERT_PADDR', CERTIFICATE_BYTES]),
    {
      id: 'asp.session-certificate',
      says: 'the receiver’s PDH has the wrong version, key, usage or algorithm',
      status: 'INVALID_CERTIFICATE',
      source: 'AMD-ASPFW sev_channel.c (sev_channel_open_client)',
      holds: (call) => inspectCertificate(pdh(call), USAGE.PDH, ALGO['ECDH-SHA256']) !== 'valid',
    },
    copyable('the session buffer', ['SESSION_PADDR', SESSION_BYTES]),
  ],
  run: (call) => {
    const { p, theGuest: guest } = call;
    const transport = { by: 'firmware', name: drawSecret(p, 'transport') } as const;
    const random = secretBytes(p.config, drawSecret(p, 'nonce'), 32);
    const point = certificatePoint(pdh(call));
    const z = point && ecdhX(keyPair(p, identityOf(p).pdh).secret, point.x, point.y);
    if (!z) throw new Error('a certificate that was accepted has no point');
    const session = wrapSession({
      z,
      nonce: random.subarray(0, 16),
      iv: random.subarray(16),
      keys: transportKeys(p, { transport }),
      policy: guest.policy,
    });
    call.copyOut('SESSION_PADDR', session);
    call.answer('POLICY', guest.policy);
    call.answer('SESSION_LEN', SESSION_BYTES);
    call.patchGuest({ state: 'SUPDATE', transport });
  },
});

const UPDATE = 'AMD-ASPFW sev_mcmd.c (sev_mcmd_send_update)';

/** A cipher inside the firmware takes no fewer than 48 bytes, and its complaint escapes. */
export const shortPacket = (source: string): Check => ({
  id: 'asp.packet-short',
  says: 'the packet has 16 or 32 bytes, which the firmware’s own cipher does not take',
  status: 'ERR_INTERNAL',
  source: `${source}; observed on the published firmware`,
  holds: (call) => call.int('GUEST_LEN') < 48,
});

/** The guest's bytes, as the core would see them. */
const guestBytes = (call: Call): Uint8Array =>
  call.once('guest bytes', () =>
    readGuest(call.p, call.address('GUEST_PADDR'), call.int('GUEST_LEN'), call.theGuest.asid),
  );

const packet: readonly Check[] = [
  hasAsid,
  {
    id: 'asp.send-asid-idle',
    says: 'the guest’s ASID is neither in use nor dirty nor reserved',
    status: 'INACTIVE',
    source: UPDATE,
    holds: (call) => {
      const { inUse, dirty, allocated } = masksOf(call.p, call.theGuest.asid);
      return inUse === 0 && dirty === 0 && allocated === 0;
    },
  },
  {
    id: 'asp.send-length',
    says: 'GUEST_LEN is 0, above 20 KiB or no multiple of 16, or TRANS_LEN is below it',
    status: 'INVALID_LENGTH',
    source: UPDATE,
    holds: (call) => {
      const length = call.int('GUEST_LEN');
      return length === 0 || length > CHUNK_BYTES || length % 16 !== 0 || call.int('TRANS_LEN') < length;
    },
  },
  misaligned(16, 'GUEST_PADDR'),
  writable('the header buffer', ['HDR_PADDR', 'HDR_LEN']),
  writable('the transport buffer', ['TRANS_PADDR', 'TRANS_LEN']),
  copyable(
    'guest region, transport or header buffer',
    ['GUEST_PADDR', 'GUEST_LEN'],
    ['TRANS_PADDR', 'GUEST_LEN'],
    ['HDR_PADDR', PACKET_HEADER_BYTES],
  ),
  shortPacket(UPDATE),
];

const headerTooShort: Check = {
  id: 'asp.header-length',
  says: 'HDR_LEN is below 0x34',
  status: 'INVALID_LENGTH',
  source: UPDATE,
  holds: (call) => call.int('HDR_LEN') < PACKET_HEADER_BYTES,
  refusing: (call) => call.answer('HDR_LEN', PACKET_HEADER_BYTES),
};

/** Encrypts with the TEK under a fresh IV and authenticates with the TIK. */
function sendPacket(call: Call): void {
  const { p, theGuest: guest } = call;
  const { tek, tik } = transportKeys(p, guest);
  const iv = secretBytes(p.config, drawSecret(p, 'nonce'), 16);
  const data = ctr(tek, iv, guestBytes(call));
  const length = data.length;
  const of = { context: PACKET_CONTEXT.data, tik, flags: 0, iv, guestLength: length, transLength: length };
  call.copyOut('TRANS_PADDR', data);
  call.copyOut('HDR_PADDR', encodePacketHeader({ flags: 0, iv, mac: packetMac({ ...of, data }) }));
  call.answer('HDR_LEN', PACKET_HEADER_BYTES);
  call.answer('TRANS_LEN', length);
}

export const SEND_UPDATE_DATA = command({
  id: 0x041,
  name: 'SEND_UPDATE_DATA',
  purpose: 'Give out a piece of the guest’s memory, encrypted for the receiver; the memory stays as it is.',
  source: UPDATE,
  writes: 'buffer and lengths',
  checks: [platformIn('WORKING'), headerTooShort, liveGuest, guestIn('SUPDATE'), ...packet],
  run: sendPacket,
});

export const SEND_UPDATE_VMSA = command({
  id: 0x042,
  name: 'SEND_UPDATE_VMSA',
  purpose: 'Give out the state of a virtual CPU, after its checksum was compared.',
  source: 'AMD-ASPFW sev_mcmd.c (sev_mcmd_send_update), sev_es.c (sev_es_validate_vmsa)',
  writes: 'buffer and lengths',
  checks: [
    platformIn('WORKING'),
    headerTooShort,
    liveGuest,
    guestIn('SUPDATE'),
    isEsGuest,
    ...packet,
    {
      id: 'asp.vmsa-checksum',
      says: 'the VMSA does not point to a checksum that fits it',
      status: 'INVALID_PARAM',
      source: 'AMD-ASPFW sev_es.c (sev_es_validate_vmsa)',
      holds: (call) => !isProtectedVmsa(call.p, guestBytes(call)),
    },
  ],
  run: sendPacket,
});

/** Both ways to end: the transport keys are forgotten. */
const ending = (
  of: Pick<CommandDefinition, 'id' | 'name' | 'purpose' | 'source'>,
  state: 'SENT' | 'RUNNING',
): CommandDefinition =>
  command({
    ...of,
    writes: 'nothing',
    checks: [platformIn('WORKING'), liveGuest, guestIn('SUPDATE')],
    run: (call) => call.patchGuest({ state, transport: null }),
  });

export const SEND_FINISH = ending(
  {
    id: 0x043,
    name: 'SEND_FINISH',
    purpose: 'The guest has left; here it can get no ASID any more.',
    source: 'AMD-ASPFW sev_mcmd.c (sev_mcmd_send_finish)',
  },
  'SENT',
);

export const SEND_CANCEL = ending(
  {
    id: 0x044,
    name: 'SEND_CANCEL',
    purpose: 'The guest stays and runs on.',
    source: 'AMD-ASPFW sev_mcmd.c (sev_mcmd_send_cancel)',
  },
  'RUNNING',
);
