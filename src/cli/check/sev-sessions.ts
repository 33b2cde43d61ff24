import { z } from 'zod';
import { ecdhX, keyPairOf } from '../../engine/asp/crypto/ecc';
import {
  policyMac,
  policyMacFits,
  sessionKeys,
  unwrapSession,
  wrapSession,
} from '../../engine/asp/crypto/session';
import { toHex } from '../../engine/core/bytes';
import { hexBytes, hexOf, u32 } from './fields';
import { type CaseResult, type Compare, hasEntryWith, isRecord, type Recogniser, runSection } from './result';

const point = z.object({ x: hexOf(48), y: hexOf(48) });

const sessionCase = z.object({
  ecdh_z: hexBytes,
  nonce: hexOf(16),
  wrap_iv: hexOf(16),
  tek: hexOf(16),
  tik: hexOf(16),
  policy: u32,
  master_secret: hexBytes,
  kek: hexBytes,
  kik: hexBytes,
  wrap_tk: hexBytes,
  wrap_mac: hexBytes,
  policy_mac: hexBytes,
  session_buffer: hexOf(128),
  guest_owner_private_d: hexOf(48).optional(),
  guest_owner_public: point.optional(),
  pdh_private_d: hexOf(48).optional(),
  pdh_public: point.optional(),
});

type SessionCase = z.infer<typeof sessionCase>;

/** Both ends of the key agreement, as far as the case names them. */
function compareAgreement(c: SessionCase, compare: Compare): void {
  const ends = [
    ['guest_owner', c.guest_owner_private_d, c.guest_owner_public, c.pdh_public],
    ['pdh', c.pdh_private_d, c.pdh_public, c.guest_owner_public],
  ] as const;
  for (const [name, secret, own, other] of ends) {
    if (!secret) continue;
    if (own) {
      const { x, y } = keyPairOf(secret);
      compare(`${name}_public.x`, toHex(own.x), toHex(x));
      compare(`${name}_public.y`, toHex(own.y), toHex(y));
    }
    if (other) {
      const z = ecdhX(secret, other.x, other.y);
      compare(`ecdh_z of ${name}`, toHex(c.ecdh_z), z ? toHex(z) : 'no point of the curve');
    }
  }
}

function runSessions(json: unknown): CaseResult[] {
  return runSection(json, 'sessions', sessionCase, (c, compare) => {
    compareAgreement(c, compare);
    const keys = { tek: c.tek, tik: c.tik };
    const { master, kek, kik } = sessionKeys(c.ecdh_z, c.nonce);
    const session = wrapSession({ z: c.ecdh_z, nonce: c.nonce, iv: c.wrap_iv, keys, policy: c.policy });
    const got = {
      master_secret: master,
      kek,
      kik,
      wrap_tk: session.subarray(0x10, 0x30),
      wrap_mac: session.subarray(0x40, 0x60),
      policy_mac: policyMac(c.tik, c.policy),
      session_buffer: session,
    };
    for (const [field, bytes] of Object.entries(got))
      compare(field, toHex(c[field as keyof typeof got]), toHex(bytes));
    const opened = unwrapSession(c.session_buffer, c.ecdh_z);
    compare(
      'keys unwrapped',
      toHex(c.tek) + toHex(c.tik),
      opened ? toHex(opened.tek) + toHex(opened.tik) : 'a wrong MAC',
    );
    compare('policy MAC fits', 'true', String(policyMacFits(c.session_buffer, c.tik, c.policy)));
  });
}

/** Sessions between guest owner and firmware, in the format of `sev-measurement.json`. */
export const sevSessions: Recogniser = {
  name: 'sessions of SEV guests',
  recognises: (json) => isRecord(json) && hasEntryWith(json.sessions, 'session_buffer'),
  run: runSessions,
};
