import { type KeyPair, keyPairFrom } from '../asp/crypto/ecc';
import type { TransportKeys } from '../asp/crypto/session';
import { secretBytes } from '../asp/secrets';
import type { OwnerCell, OwnerSession } from '../core/cells';
import { type Outcome, ok, type Rule, refuse } from '../core/fault';
import { Kept } from '../core/kept';
import type { Platform } from '../core/platform';

/**
 * What the guests' owner knows. They sit far from the machine: nobody there can look at their keys, so state holds only names
 * of them, from which the bytes follow as those of the secure processor do.
 */
const NO_SESSION: Rule = {
  id: 'owner.no-session',
  says: 'The owner can check and give secrets to a guest only with the keys that they sent for it.',
  source: 'AMD SEV API (LAUNCH_START, LAUNCH_SECRET); AMD-ASPFW sev_channel.c',
  standing: 'published',
};

const NOBODY: OwnerCell = { sessions: [], drawn: 0 };

export const ownerOf = (p: Platform): OwnerCell => p.state.cell('owner') ?? NOBODY;

export function sessionFor(p: Platform, guest: string): Outcome<OwnerSession> {
  const session = ownerOf(p).sessions.find((each) => each.guest === guest);
  if (session) return ok(session);
  const message = `The owner has sent no session for a guest named ${guest}.`;
  return p.trace.refused(refuse(NO_SESSION, 'refused', message, { guest }, 'owner.session first.'));
}

/** Remembers a session in the place of the one before it for this guest. */
export function remember(p: Platform, session: OwnerSession): void {
  const { sessions, drawn } = ownerOf(p);
  const others = sessions.filter(({ guest }) => guest !== session.guest);
  p.trace.set('owner', 0, { sessions: [...others, session], drawn });
}

/** The owner draws something new and answers with its name. */
export function draw(p: Platform, kind: 'session' | 'iv'): string {
  const { sessions, drawn } = ownerOf(p);
  p.trace.set('owner', 0, { sessions, drawn: drawn + 1 });
  return `owner · ${kind} ${drawn + 1}`;
}

const pairs = new Kept<KeyPair>();

/** The owner's own key on P-384, with which they agree on keys with a platform. */
export const ownKey = ({ config }: Platform): KeyPair =>
  pairs.once(config, 'key', () => keyPairFrom(secretBytes(config, 'owner · key', 56)));

const KEY_BYTES = 16;

/** TEK and TIK, which the owner draws for one guest. */
export function transportOf({ config }: Platform, name: string): TransportKeys {
  const bytes = secretBytes(config, `${name} · transport`, 2 * KEY_BYTES);
  return { tek: bytes.slice(0, KEY_BYTES), tik: bytes.slice(KEY_BYTES) };
}

/** Sixteen bytes that the owner sends in the clear: a nonce, an initialisation vector. */
export const openBytes = ({ config }: Platform, name: string): Uint8Array =>
  secretBytes(config, name, KEY_BYTES);
