import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatAddress, formatRoom, formatSaved, parseAddress, parseRoom, parseSaved } from './address';

const session = fc.oneof(
  fc.constant('#1/s/cold-boot/3.17'),
  fc.stringMatching(/^[A-Za-z0-9_-]{1,60}$/).map((text) => `#1/p/${text}`),
  fc.constant('#saved=0a1b2c3d@1204'),
);
const tab = fc.constantFrom(null, 'machine', 'walk', 'matrix');
const role = fc.constantFrom(null, 'device', 'probe');
const page = fc.option(fc.integer({ min: 0, max: 2 ** 28 - 1 }));

describe('the address bar', () => {
  it('reads back what it wrote', () => {
    fc.assert(
      fc.property(session, tab, page, role, (session, tab, page, role) => {
        const address = { session, tab, page, role };
        expect(parseAddress(formatAddress(address, 'memory'))).toEqual(address);
      }),
    );
  });

  it('leaves out what is as usual', () => {
    expect(formatAddress({ session: '#1/s/tweak/0', tab: 'memory', page: null, role: null }, 'memory')).toBe(
      '#1/s/tweak/0',
    );
    expect(formatAddress({ session: '#1/s/tweak/0', tab: 'memory', page: 18, role: null }, 'memory')).toBe(
      '#1/s/tweak/0&v=.12',
    );
  });

  it('takes a plain visit for one', () => {
    expect(parseAddress('')).toEqual({ session: '', tab: null, page: null, role: null });
    expect(parseAddress('#').session).toBe('');
  });

  it('leaves a view it cannot read in the session, for the worker to refuse', () => {
    expect(parseAddress('#1/s/tweak/0&v=<b>').session).toBe('#1/s/tweak/0&v=<b>');
  });

  it('knows a room from a session', () => {
    expect(parseRoom('#2/attacks')).toBe('attacks');
    expect(parseRoom(formatRoom('attacks'))).toBe('attacks');
    const compared = 'compare/ciphertext-replay/sev,sev-snp~ciphertext-hiding@turin:rmp.validated/3';
    expect(parseRoom(formatRoom(compared))).toBe(compared);
    for (const other of ['#2/attack', '#2/s/attacks/0', '#2/attacks<b>', '#attacks', '', '#2/attacksx'])
      expect(parseRoom(other)).toBeNull();
  });

  it('finds a session in this browser again', () => {
    expect(parseSaved(formatSaved('0a1b2c3d', 1204))).toEqual({ id: '0a1b2c3d', change: 1204 });
    expect(parseSaved('#saved=../../x')).toBeNull();
    expect(parseSaved('#1/s/tweak/0')).toBeNull();
  });
});
