import { describe, expect, it } from 'vitest';
import type { Action } from '../actions';
import type { PartialConfig } from '../config';
import { Bench } from '../testing/bench';
import { Confidentiality } from './confidentiality';

const SECRET = 'PIN=4711, secret';
const COPY = 0x80000;
const at = 0x7f00_0008_0000;

/** A guest writes a secret where something that Xen knows has stood; then Xen compares. */
function played(config: PartialConfig, guess: string, told: 'told' | 'own'): string[] {
  const bench = new Bench(config);
  bench.done({ type: 'xl.create', config: 'alice.cfg', extra: 'memory=1' });
  const first: Action =
    told === 'told'
      ? { type: 'guest.io', guest: 'alice', direction: 'receive', at, via: 'bounce', data: SECRET }
      : { type: 'guest.write', guest: 'alice', at, data: SECRET };
  bench.done(first);
  bench.done({ type: 'host.copy', from: bench.spaOf('alice', at), to: COPY, length: 16, c: '0' });
  bench.done({ type: 'guest.write', guest: 'alice', at, data: 'something else..' });
  bench.done({ type: 'guest.write', guest: 'alice', at, data: SECRET });
  bench.done({ type: 'host.compare', at: bench.spaOf('alice', at), with: COPY, guess });
  const monitor = new Confidentiality();
  for (const [index, change] of bench.changes.entries()) monitor.fold(change, index);
  return monitor.violations.map(({ sentence }) => sentence);
}

describe('a guess about ciphertext', () => {
  it('counts when one of two equal blocks was told to the guest and the other was not', () => {
    expect(played({ technology: 'sev-snp' }, SECRET, 'told')).toEqual([
      expect.stringMatching(/^Xen knows what Alice keeps at 0x[0-9a-f]+/),
    ]);
  });

  it('does not count when it is wrong, whatever is equal', () => {
    expect(played({ technology: 'sev-snp' }, 'PIN=0815, secret', 'told')).toEqual([]);
  });

  it('does not count when nothing that Xen knows has stood there: equal is all that it knows', () => {
    expect(played({ technology: 'sev-snp' }, SECRET, 'own')).toEqual([]);
  });

  it('does not count where ciphertext is hidden', () => {
    const hidden: PartialConfig = {
      technology: 'sev-snp',
      generation: 'turin',
      fixes: ['ciphertext-hiding'],
    };
    expect(played(hidden, SECRET, 'told')).toEqual([]);
  });
});
