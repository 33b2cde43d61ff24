import { ALGO, encodeCertificate, newCertificate, USAGE } from '../asp/crypto/certificate';
import { ecdhX } from '../asp/crypto/ecc';
import { wrapSession } from '../asp/crypto/session';
import { FIRMWARE } from '../asp/platform';
import { type Outcome, ok, type Rule } from '../core/fault';
import type { Platform } from '../core/platform';
import { LETTER, letterPage, writeDom0 } from '../toolstack/letters';
import { provenPdh } from './chain';
import { draw, openBytes, ownKey, remember, transportOf } from './memory';
import type { Wish } from './wish';

const WRAP: Rule = {
  id: 'owner.wrap',
  says: 'The owner’s transport keys travel encrypted and authenticated with keys that only they and the owner of the PDH can compute: P-384 ECDH, KDF, AES-128-CTR, HMAC-SHA-256.',
  source: 'AMD-ASPFW sev_channel.c, sev_channel.h; virtee/sev src/session/mod.rs',
  standing: 'published',
};

export interface Sent {
  /** SPAs in Domain-0's memory. */
  readonly certificate: number;
  readonly session: number;
}

/**
 * The owner looks at the platform's certificates, draws TEK and TIK for this guest, wraps them for the PDH, and sends
 * certificate and session to Domain-0, which keeps them in its memory.
 */
export function openSession(p: Platform, wish: Wish, forged: boolean): Outcome<Sent> {
  const { guest, policy } = wish;
  const pdh = provenPdh(p, forged);
  if (!pdh.ok) return pdh;
  const own = ownKey(p);
  const z = ecdhX(own.secret, pdh.value.x, pdh.value.y);
  if (!z) throw new Error('a point that was certified is not on the curve');
  const name = draw(p, 'session');
  const session = wrapSession({
    z,
    nonce: openBytes(p, `${name} · nonce`),
    iv: openBytes(p, `${name} · iv`),
    keys: transportOf(p, name),
    policy,
  });
  const { major: apiMajor, minor: apiMinor } = FIRMWARE;
  const certificate = encodeCertificate(
    newCertificate({ apiMajor, apiMinor, usage: USAGE.PDH, algo: ALGO['ECDH-SHA256'], point: own }),
  );
  const page = letterPage(p, guest);
  if (!page.ok) return page;
  const sent = { certificate: page.value + LETTER.certificate, session: page.value + LETTER.session };
  p.trace.fact(
    'note',
    { what: 'over the network', to: 'dom0', sent: 'session', guest, policy },
    WRAP,
    session,
  );
  writeDom0(p, sent.certificate, certificate);
  writeDom0(p, sent.session, session);
  remember(p, { ...wish, name, shown: null });
  return ok(sent);
}
