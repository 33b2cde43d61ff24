import { ctr, encodePacketHeader, PACKET_CONTEXT, packetMac } from '../asp/crypto/packet';
import { fromHex } from '../core/bytes';
import type { DomainCell, OwnerSession } from '../core/cells';
import { type Outcome, ok, type Rule, refuse } from '../core/fault';
import type { Platform } from '../core/platform';
import { SECRET_PLACE } from '../toolstack/image';
import { LETTER, letterFor, writeDom0 } from '../toolstack/letters';
import { updateSecrets } from '../xen/coco';
import { draw, openBytes, transportOf } from './memory';

const SECRET_RULES = {
  withheld: {
    id: 'owner.withholds',
    says: 'The owner sends a secret only behind a measurement that is right.',
    source: 'AMD SEV API, chapter on guest launch; AMDESE/sev-tool (package_secret)',
    standing: 'published',
  },
  long: {
    id: 'owner.secret-length',
    says: 'The image sets 1,024 bytes aside for a secret.',
    source: 'this simulator; the firmware takes up to 20 KiB (AMD-ASPFW sev_mcmd.c)',
    standing: 'modelled',
  },
  bound: {
    id: 'owner.secret-mac',
    says: 'A secret is encrypted with the TEK, and its HMAC under the TIK covers the measurement: it fits this one launch.',
    source: 'AMD-ASPFW sev_channel.c, sev_mcmd.c (sev_mcmd_launch_secret)',
    standing: 'published',
  },
} as const satisfies Record<string, Rule>;

const MEASURE_HEX = 64;
const BLOCK = 16;

function withholds(p: Platform, { guest, shown }: OwnerSession): Outcome<never> {
  const why = shown ? 'The measurement of' : 'Nobody has checked the measurement of';
  const message = `${why} ${guest}${shown ? ' is wrong' : ''}: the owner keeps the secret.`;
  const remedy = shown ? 'A launch of the image that the owner knows.' : 'owner.check first.';
  return p.trace.refused(refuse(SECRET_RULES.withheld, 'withheld', message, { guest }, remedy));
}

/**
 * The owner's secret goes to Domain-0 as a packet for this launch, and from there to the secure processor, which puts it into
 * the guest. Answers with the SPA where it went.
 * @param tampered Domain-0 flips a bit of the packet.
 */
export function giveSecret(
  p: Platform,
  session: OwnerSession,
  domain: DomainCell,
  secret: Uint8Array,
  tampered: boolean,
): Outcome<number> {
  const { guest, name, shown } = session;
  if (!shown?.right) return withholds(p, session);
  if (secret.length > SECRET_PLACE.length) {
    const message = `The secret has ${secret.length} bytes.`;
    return p.trace.refused(
      refuse(SECRET_RULES.long, 'refused', message, { bytes: secret.length }, 'A shorter one.'),
    );
  }
  const padded = new Uint8Array(Math.ceil(secret.length / BLOCK) * BLOCK);
  padded.set(secret);
  const { tek, tik } = transportOf(p, name);
  const iv = openBytes(p, draw(p, 'iv'));
  const data = ctr(tek, iv, padded);
  const mac = packetMac({
    context: PACKET_CONTEXT.secret,
    tik,
    flags: 0,
    iv,
    guestLength: data.length,
    transLength: data.length,
    data,
    measure: fromHex(shown.measurement.slice(0, MEASURE_HEX)),
  });
  const page = letterFor(p, guest);
  if (!page.ok) return page;
  p.trace.fact(
    'note',
    { what: 'over the network', to: 'dom0', sent: 'secret', guest },
    SECRET_RULES.bound,
    data,
  );
  const arrived = data.slice();
  if (tampered) arrived[0] = (arrived[0] ?? 0) ^ 1;
  const [header, at] = [page.value + LETTER.header, page.value + LETTER.data];
  writeDom0(p, header, encodePacketHeader({ flags: 0, iv, mac }));
  writeDom0(p, at, arrived);
  const packet = { header, data: at, target: SECRET_PLACE.address, length: data.length };
  const spa = updateSecrets(p, domain.id, packet);
  if (!spa.ok) return spa;
  const believed = { what: 'believed', domain: domain.id, gpa: SECRET_PLACE.address, piece: 'secret' };
  p.trace.fact('note', believed, SECRET_RULES.bound, padded);
  return ok(spa.value);
}
