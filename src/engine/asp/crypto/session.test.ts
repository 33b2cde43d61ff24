import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromHex, toHex } from '../../core/bytes';
import { policyMac, policyMacFits, sessionKeys, unwrapSession, wrapSession } from './session';
import vectors from './vectors/sev-measurement.json';

const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
const sessions = fc.record({
  z: bytes(48),
  nonce: bytes(16),
  iv: bytes(16),
  keys: fc.record({ tek: bytes(16), tik: bytes(16) }),
  policy: fc.nat(2 ** 32 - 1),
});

const ZEROS = new Uint8Array(16);

describe('a session', () => {
  it.each(vectors.sessions)('$id', (c) => {
    const z = fromHex(c.ecdh_z);
    const keys = { tek: fromHex(c.tek), tik: fromHex(c.tik) };
    const nonce = fromHex(c.nonce);
    const policy = Number(c.policy);
    const { master, kek, kik } = sessionKeys(z, nonce);
    expect([master, kek, kik].map(toHex)).toEqual([c.master_secret, c.kek, c.kik]);
    const session = wrapSession({ z, nonce, iv: fromHex(c.wrap_iv), keys, policy });
    expect(toHex(session)).toBe(c.session_buffer);
    expect(toHex(session.subarray(0x10, 0x30))).toBe(c.wrap_tk);
    expect(toHex(session.subarray(0x40, 0x60))).toBe(c.wrap_mac);
    expect(toHex(policyMac(keys.tik, policy))).toBe(c.policy_mac);
    expect(unwrapSession(session, z)).toEqual(keys);
    expect(policyMacFits(session, keys.tik, policy)).toBe(true);
  });

  it('gives back what was wrapped, to who has the same z only', () => {
    fc.assert(
      fc.property(sessions, bytes(48), (from, otherZ) => {
        const session = wrapSession(from);
        expect(session).toHaveLength(128);
        expect(unwrapSession(session, from.z)).toEqual(from.keys);
        expect(policyMacFits(session, from.keys.tik, from.policy)).toBe(true);
        expect(unwrapSession(session, otherZ)).toEqual(toHex(otherZ) === toHex(from.z) ? from.keys : null);
      }),
    );
  });

  it('is refused with any flipped bit', () => {
    fc.assert(
      fc.property(sessions, fc.nat(128 * 8 - 1), (from, bit) => {
        const session = wrapSession(from);
        session[bit >> 3] = (session[bit >> 3] ?? 0) ^ (1 << (bit & 7));
        const keys = unwrapSession(session, from.z);
        expect(keys !== null && policyMacFits(session, keys.tik, from.policy)).toBe(false);
      }),
      { numRuns: 300 },
    );
  });

  it('tells a policy apart from every other', () => {
    const session = wrapSession({
      z: ZEROS,
      nonce: ZEROS,
      iv: ZEROS,
      keys: { tek: ZEROS, tik: ZEROS },
      policy: 1,
    });
    for (let bit = 0; bit < 32; bit++)
      expect(policyMacFits(session, ZEROS, (1 ^ (1 << bit)) >>> 0)).toBe(false);
  });
});
