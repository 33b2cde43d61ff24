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

describe('a guess about registers that an exit has stored', () => {
  const ONE = 'hex:00000000000000000100000000000000';

  interface Way {
    readonly features?: string;
    readonly technology?: 'sev-es' | 'sev-snp';
    /** What the guest loads from shared memory before the first exit; null: nothing. */
    readonly told?: number | null;
    readonly guess?: string;
  }

  /** RAX is 1 at two exits, first from shared memory, then of the guest’s own. */
  function played({ technology = 'sev-es', features = '', told = 1, guess = ONE }: Way): string[] {
    const bench = new Bench({ technology, ...(technology === 'sev-snp' && { generation: 'genoa' }) });
    bench.done({ type: 'xl.create', config: 'alice.cfg', extra: `memory=1 ${features}`.trim() });
    bench.done({ type: 'guest.convert', guest: 'alice', at, to: 'shared' });
    bench.done({ type: 'host.write', at: bench.spaOf('alice', at), data: 'hex:0100000000000000', c: '0' });
    const load = told === null ? 'mov rax, 1' : `mov rax, [rbx]\nadd rax, ${told - 1}`;
    const text = `mov rbx, 0x${at.toString(16)}\n${load}\nmov rax, 7\nmov rax, 1\nnop\nhlt`;
    bench.done({ type: 'guest.program', guest: 'alice', text });
    bench.done({ type: 'guest.step', guest: 'alice', count: told === null ? 2 : 3 });
    const core = bench.domain('alice').core;
    const rax = (bench.domain('alice').vmsas[0] ?? 0) + 0x1f0;
    bench.done({ type: 'host.vmexit', core });
    bench.done({ type: 'host.copy', from: rax, to: COPY, length: 16, c: '0' });
    bench.done({ type: 'guest.step', guest: 'alice', count: 2 });
    bench.done({ type: 'host.vmexit', core });
    bench.done({ type: 'host.compare', at: rax, with: COPY, guess });
    const monitor = new Confidentiality();
    for (const [index, change] of bench.changes.entries()) monitor.fold(change, index);
    return monitor.violations.map(({ sentence }) => sentence);
  }

  it('counts when the guest had the value from shared memory once, and of its own later', () => {
    expect(played({})).toHaveLength(1);
    expect(played({ technology: 'sev-snp' })).toHaveLength(1);
  });

  it('does not count when it is wrong, or when Xen was never told what the register holds', () => {
    expect(played({ guess: 'hex:00000000000000000200000000000000' })).toEqual([]);
    expect(played({ guess: 'hex:01000000000000000100000000000000' })).toEqual([]);
    expect(played({ told: null })).toEqual([]);
    expect(played({ told: 2 })).toEqual([]);
  });

  it('does not count when registers are stored behind a nonce', () => {
    expect(played({ technology: 'sev-snp', features: 'sev_features=0x4000' })).toEqual([]);
  });
});
