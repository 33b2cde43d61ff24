import type { HandleCell, TransportSource } from '../../core/aspCells';
import { toHex } from '../../core/bytes';
import type { Call } from '../call';
import { copyable, reachable } from '../checks/address';
import { platformIn } from '../checks/platform';
import { type Check, command } from '../command';
import { ALGO, certificatePoint, USAGE } from '../crypto/certificate';
import { emptyDigest } from '../crypto/runningDigest';
import { policyMacFits, SESSION_BYTES } from '../crypto/session';
import { inspectCertificate } from '../crypto/verifyCertificate';
import { freeHandle, POLICY, POLICY_RESERVED, policyVersion } from '../guests';
import { identityOf } from '../identity';
import { FIRMWARE, patchPlatform } from '../platform';
import { drawSecret } from '../secrets';
import { sessionTransport } from '../transport';
import { CERTIFICATE_BYTES, certificateAt } from './certificates';

/** A guest begins: LAUNCH_START by its owner, RECEIVE_START by the platform that sends it. */
type Kind = 'launch' | 'receive';

/** Name of the field with the other side's certificate. */
const CERTIFICATE = { launch: 'DH_CERT', receive: 'PDH_CERT' } as const;

/** A launch may do without a session, a received guest may not. */
const hasSession = (kind: Kind, call: Call): boolean =>
  kind === 'receive' || call.address('DH_CERT_PADDR') !== 0n;

const certificate = (kind: Kind, call: Call) => certificateAt(call, `${CERTIFICATE[kind]}_PADDR`);

/** The session as it is kept: public bytes, from which the holder of the PDH works the transport keys out. */
function sessionSource(kind: Kind, call: Call): Extract<TransportSource, { by: 'session' }> | null {
  const point = certificatePoint(certificate(kind, call));
  return (
    point && {
      by: 'session',
      pdh: identityOf(call.p).pdh,
      point: toHex(point.x) + toHex(point.y),
      session: toHex(call.copyIn('SESSION_PADDR', SESSION_BYTES)),
    }
  );
}

const keysOf = (kind: Kind, call: Call) =>
  call.once('transport', () => {
    const source = sessionSource(kind, call);
    return source && sessionTransport(call.p, source);
  });

function versionTooNew(policy: number): boolean {
  const { major, minor } = policyVersion(policy);
  return major > FIRMWARE.major || (major === FIRMWARE.major && minor > FIRMWARE.minor);
}

function sessionChecks(kind: Kind): Check[] {
  const when = kind === 'launch' ? 'a session is given and ' : '';
  const channel = 'AMD-ASPFW sev_channel.c (sev_channel_open_server)';
  const policy = 'AMD-ASPFW sev_guest.c (sev_guest_verify_policy)';
  const command = `AMD-ASPFW sev_mcmd.c (sev_mcmd_${kind}_start)`;
  const field = CERTIFICATE[kind];
  const readable = kind === 'launch' ? reachable : copyable;
  const list: Check[] = [
    {
      id: 'asp.session-length',
      says: 'SESSION_LEN is not 0x80',
      status: 'INVALID_LENGTH',
      source: command,
      holds: (call) => call.int('SESSION_LEN') !== SESSION_BYTES,
    },
    readable('the session buffer', ['SESSION_PADDR', SESSION_BYTES]),
    {
      id: 'asp.certificate-length',
      says: `${field}_LEN is not 0x824`,
      status: 'INVALID_LENGTH',
      source: command,
      holds: (call) => call.int(`${field}_LEN`) !== CERTIFICATE_BYTES,
    },
    readable('the certificate', [`${field}_PADDR`, CERTIFICATE_BYTES]),
    {
      id: 'asp.session-certificate',
      says: 'the other side’s certificate has the wrong version, key, usage or algorithm',
      status: 'INVALID_CERTIFICATE',
      source: channel,
      holds: (call) =>
        inspectCertificate(certificate(kind, call), USAGE.PDH, ALGO['ECDH-SHA256']) !== 'valid',
    },
    {
      id: 'asp.session-wrap-mac',
      says: 'the MAC of the wrapped transport keys does not fit',
      status: 'BAD_MEASUREMENT',
      source: channel,
      holds: (call) => keysOf(kind, call) === null,
    },
    {
      id: 'asp.session-policy-mac',
      says: 'the session was made for another policy: its MAC does not fit',
      status: 'BAD_MEASUREMENT',
      source: channel,
      holds: (call) =>
        !policyMacFits(
          call.copyIn('SESSION_PADDR', SESSION_BYTES),
          keysOf(kind, call)?.tik ?? new Uint8Array(16),
          call.int('POLICY'),
        ),
    },
    {
      id: 'asp.policy-version',
      says: 'the policy asks for a newer firmware',
      status: 'POLICY_FAILURE',
      source: policy,
      holds: (call) => versionTooNew(call.int('POLICY')),
    },
    {
      id: 'asp.policy-reserved',
      says: 'the policy sets a reserved bit (15:6)',
      status: 'POLICY_FAILURE',
      source: policy,
      holds: (call) => (call.int('POLICY') & POLICY_RESERVED) !== 0,
    },
  ];
  return list.map((check) => ({
    ...check,
    says: `${when}${check.says}`,
    holds: (call) => hasSession(kind, call) && check.holds(call),
  }));
}

function contextChecks(kind: Kind): Check[] {
  const source = `AMD-ASPFW sev_mcmd.c (sev_mcmd_${kind}_start)`;
  return [
    {
      id: 'asp.shared-guest',
      says: 'HANDLE names a guest whose key is to be shared, and there is none',
      status: 'INVALID_GUEST',
      source,
      holds: (call) => call.handle !== 0 && call.guest === null,
    },
    {
      id: 'asp.shared-policy',
      says: 'a key is to be shared, and the policies differ or that guest’s has NOKS',
      status: 'POLICY_FAILURE',
      source,
      holds: (call) => call.guest !== null && isUnshared(call.guest, call),
    },
    {
      id: 'asp.no-handle',
      says: 'all 1024 handles are taken',
      status: 'RESOURCE_LIMIT',
      source: 'AMD-ASPFW sev_guest.c',
      holds: ({ p }) => freeHandle(p) === null,
    },
    {
      id: 'asp.es-off',
      says: 'the policy has ES and the platform was initialised without it',
      status: 'UNSUPPORTED',
      source,
      holds: (call) => (call.int('POLICY') & POLICY.es) !== 0 && !call.platform.es,
    },
  ];
}

const isUnshared = ({ policy }: HandleCell, call: Call): boolean =>
  policy !== call.int('POLICY') || (policy & POLICY.noKeySharing) !== 0;

/** The new guest: its seed drawn or shared, its key for swapped pages drawn. */
function begin(kind: Kind, call: Call): void {
  const { p, guest: shared } = call;
  const handle = freeHandle(p);
  if (handle === null) throw new Error('no handle is free');
  const policy = call.int('POLICY');
  const guest: HandleCell = {
    state: kind === 'launch' ? 'LUPDATE' : 'RUPDATE',
    policy,
    asid: 0,
    activation: 'inactive',
    complexes: 0,
    es: (policy & POLICY.es) !== 0,
    vcpus: 0,
    blocks: [],
    vek: shared?.vek ?? drawSecret(p, 'vek'),
    oek: drawSecret(p, 'oek'),
    swaps: 0,
    digest: kind === 'launch' ? emptyDigest() : null,
    launchDigest: null,
    measurement: null,
    transport: hasSession(kind, call) ? sessionSource(kind, call) : null,
  };
  p.trace.set('handle', handle, guest);
  patchPlatform(p, { sev: 'WORKING', guests: call.platform.guests + 1 });
  call.answer('HANDLE', handle);
}

export const LAUNCH_START = command({
  id: 0x030,
  name: 'LAUNCH_START',
  purpose: 'A new guest with a new memory key, or with another guest’s; its owner may bring a session.',
  source: 'AMD-ASPFW sev_mcmd.c (sev_mcmd_launch_start)',
  writes: 'buffer',
  checks: [platformIn('INIT', 'WORKING'), ...sessionChecks('launch'), ...contextChecks('launch')],
  run: (call) => begin('launch', call),
});

export const RECEIVE_START = command({
  id: 0x050,
  name: 'RECEIVE_START',
  purpose: 'A guest arrives from another platform, with a session of that platform.',
  source: 'AMD-ASPFW sev_mcmd.c (sev_mcmd_receive_start)',
  writes: 'buffer',
  checks: [platformIn('INIT', 'WORKING'), ...sessionChecks('receive'), ...contextChecks('receive')],
  run: (call) => begin('receive', call),
});
