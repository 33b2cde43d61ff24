import { PAGE_SIZE } from '../core/address';
import { type Outcome, ok, type Rule, refuse } from '../core/fault';
import { OWNER_GUEST, pageOwner } from '../core/page';
import type { Platform } from '../core/platform';
import { hostStructureKey } from '../cpu/mode';
import { cachedWrite } from '../memory/fill';
import { takeFrames } from '../xen/frames';

/** Domain-0 is number 0, and runs on the first core. */
const DOMAIN_0 = OWNER_GUEST;
const COMPLEX = 0;

/** Where in its page Domain-0 keeps what a guest’s owner sent: certificate and session, later a secret with its header. */
export const LETTER = { certificate: 0, session: 0x880, header: 0x900, data: 0x940 } as const;

const NO_LETTER: Rule = {
  id: 'xl.no-session',
  says: 'A guest that is to be started with its owner’s session needs the certificate and the session that they sent.',
  source: 'this simulator; xcp-ng/xen 275d07e487 takes both with createdomain, and no key of xl names them',
  standing: 'modelled',
};

export const writeDom0 = (p: Platform, spa: number, bytes: Uint8Array): void =>
  cachedWrite(p, COMPLEX, spa, bytes, hostStructureKey(p), DOMAIN_0);

/** The page with what the owner of a guest of this name sent; a reset of the machine has lost it. */
function letterOf(p: Platform, guest: string): number | null {
  const page = p.state.cell('dom0')?.letters.find((letter) => letter.guest === guest)?.page;
  if (page === undefined) return null;
  return pageOwner(p.state.pages.get(page / PAGE_SIZE)) === DOMAIN_0 ? page : null;
}

/** The same, or why there is none. */
export function letterFor(p: Platform, guest: string): Outcome<number> {
  const page = letterOf(p, guest);
  if (page !== null) return ok(page);
  const message = `Nobody has sent a session for ${guest}.`;
  return p.trace.refused(refuse(NO_LETTER, 'ENOENT', message, { guest }, 'owner.session first.'));
}

/** A page for what the owner of that guest sends; the one that it has, or a fresh one. */
export function letterPage(p: Platform, guest: string): Outcome<number> {
  const old = letterOf(p, guest);
  if (old !== null) return ok(old);
  const taken = takeFrames(p, 'free', 1, DOMAIN_0);
  if (!taken.ok) return p.trace.refused(taken);
  const page = (taken.value[0]?.[0] ?? 0) * PAGE_SIZE;
  const dom0 = p.state.cell('dom0') ?? { files: [], letters: [] };
  const others = dom0.letters.filter((letter) => letter.guest !== guest);
  p.trace.set('dom0', 0, { ...dom0, letters: [...others, { guest, page }] });
  return ok(page);
}
