import { sha256 } from '@noble/hashes/sha2.js';
import { concatBytes } from '@noble/hashes/utils.js';
import { measurement } from '../asp/crypto/measure';
import { PAGE_SIZE } from '../core/address';
import { fromHex, toHex } from '../core/bytes';
import type { DomainCell, OwnerSession } from '../core/cells';
import { type Outcome, ok, type Rule, refuse } from '../core/fault';
import type { Platform } from '../core/platform';
import { bootImage, entriesOf, placed } from '../toolstack/image';
import { askPlatform } from '../xen/coco';
import { domains } from '../xen/domains';
import { vmsaAt } from '../xen/vmsa';
import { remember, transportOf } from './memory';

const CHECK_RULES = {
  measure: {
    id: 'owner.measure',
    says: 'The measurement is an HMAC under the TIK over the firmware’s version, the policy, the digest of what was loaded and a nonce; nobody without the TIK can make one.',
    source: 'AMD-ASPFW sev_guest.c (sev_guest_measure)',
    standing: 'published',
  },
  none: {
    id: 'owner.not-measured',
    says: 'There is something to check only behind LAUNCH_MEASURE.',
    source: 'AMD-ASPFW sev_mcmd.c (sev_mcmd_launch_measure)',
    standing: 'published',
  },
} as const satisfies Record<string, Rule>;

const MEASURE_BYTES = 32;

/** What the owner worked out, and what they were shown. */
export interface Comparison {
  readonly right: boolean;
  /** SHA-256 of the image as the owner knows it, and with SEV-ES of the first registers. */
  readonly digest: Uint8Array;
  readonly nonce: Uint8Array;
  readonly expected: Uint8Array;
  readonly shown: Uint8Array;
}

/**
 * The launch digest that follows from the image: start info, then kernel, whole pages in the clear; with SEV-ES then each
 * vCPU’s first registers as a VMSA.
 */
export function expectedDigest(
  p: Platform,
  { cmdline, registers }: Pick<OwnerSession, 'cmdline' | 'registers'>,
): Uint8Array {
  const loaded = bootImage(cmdline, true).map(({ bytes }) => bytes);
  const vmsas = registers ? entriesOf(p, { ...registers, sev: true }).map((entry) => vmsaAt(entry)) : [];
  return sha256(concatBytes(...loaded, ...vmsas));
}

/** The measurement that Domain-0 shows: the guest's own, or (`replayed`) that of an earlier guest of this name. */
function shownMeasurement(p: Platform, guest: string, replayed: boolean): Outcome<string> {
  const measured = (domain: DomainCell) => domain.name === guest && domain.measurement !== null;
  const found = domains(p).findLast((domain) => measured(domain) && domain.alive !== replayed)?.measurement;
  if (found) return ok(found);
  const message = replayed
    ? `No guest named ${guest} was measured before.`
    : `No guest named ${guest} has been measured.`;
  return p.trace.refused(
    refuse(CHECK_RULES.none, 'refused', message, { guest }, 'xl create with the owner’s session.'),
  );
}

/** Behind a right measurement the owner believes that their image lies in the guest, where its addresses say. */
function believe(p: Platform, { guest, cmdline }: OwnerSession): void {
  const domain = domains(p).findLast(({ name, alive }) => name === guest && alive);
  if (!domain) return;
  for (const { name, gfn, bytes } of placed(p, domain, bootImage(cmdline, true)))
    p.trace.fact(
      'note',
      { what: 'believed', domain: domain.id, gpa: gfn * PAGE_SIZE, piece: name },
      CHECK_RULES.measure,
      bytes,
    );
}

/** The owner compares what they are shown with what must come out if exactly their image was loaded. */
export function check(p: Platform, session: OwnerSession, replayed: boolean): Outcome<Comparison> {
  const { guest, name, policy } = session;
  const given = shownMeasurement(p, guest, replayed);
  if (!given.ok) return given;
  const status = askPlatform(p, 'XEN_COCO_platform_status', 'PLATFORM_STATUS', {});
  if (!status.ok) return status;
  const { API_MAJOR, API_MINOR, BUILD_ID } = status.value;
  const bytes = fromHex(given.value);
  p.trace.fact('note', { what: 'over the network', to: 'owner', sent: 'measurement', guest }, null, bytes);
  const digest = expectedDigest(p, session);
  const nonce = bytes.slice(MEASURE_BYTES);
  const expected = measurement({
    tik: transportOf(p, name).tik,
    apiMajor: Number(API_MAJOR),
    apiMinor: Number(API_MINOR),
    buildId: Number(BUILD_ID),
    policy,
    digest,
    mnonce: nonce,
  });
  const shown = bytes.slice(0, MEASURE_BYTES);
  const right = toHex(expected) === toHex(shown);
  p.trace.fact(
    'check',
    { what: 'measurement', guest, right, expected: toHex(expected), shown: toHex(shown) },
    CHECK_RULES.measure,
  );
  remember(p, { ...session, shown: { measurement: given.value, right } });
  if (right && !replayed) believe(p, session);
  return ok({ right, digest, nonce, expected, shown });
}
