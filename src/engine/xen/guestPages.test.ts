import { describe, expect, it } from 'vitest';
import type { PartialConfig } from '../config';
import { bytesEqual } from '../core/bytes';
import { Bench } from '../testing/bench';

const TEXT = 'balance=1000 EUR';
const at = 0x7f00_0008_0000;
const gpa = 0x80000;
const FREE = 0x40_0000;

function withGuest(config: PartialConfig = {}, extra = ''): { readonly bench: Bench; readonly spa: number } {
  const bench = new Bench({ technology: 'sev-snp', ...config });
  bench.done({ type: 'xl.create', config: 'alice.cfg', extra: `memory=1 ${extra}` });
  bench.done({ type: 'guest.write', guest: 'alice', at, data: TEXT });
  return { bench, spa: bench.spaOf('alice', at) };
}

const read = { type: 'guest.read', guest: 'alice', at, length: 16 } as const;

describe('xen.move-page', () => {
  it('has a page encrypted anew elsewhere, and back: the guest reads what it wrote, the ciphertext is the old one', () => {
    const { bench, spa } = withGuest();
    const before = bench.dram(spa, 16).slice();
    bench.done({ type: 'xen.move-page', guest: 'alice', gpa, to: FREE });
    expect(bytesEqual(bench.dram(FREE, 16), before)).toBe(false);
    expect(bench.done(read).text).toBe(TEXT);
    bench.done({ type: 'xen.move-page', guest: 'alice', gpa, to: spa });
    expect(bench.dram(spa, 16)).toEqual(before);
    expect(bench.done(read).text).toBe(TEXT);
  });

  it('is refused for a guest whose policy forbids it, and leaves its page as it was', () => {
    const { bench } = withGuest({ fixes: ['page-swap-policy'] }, 'sev_policy=0x2030000');
    expect(bench.refused({ type: 'xen.move-page', guest: 'alice', gpa, to: FREE })).toBe(
      'asp.snp-policy-swap',
    );
    expect(bench.done(read).text).toBe(TEXT);
  });

  it('that policy is none for older firmware', () => {
    const bench = new Bench({ technology: 'sev-snp' });
    const extra = 'memory=1 sev_policy=0x2030000';
    expect(bench.refused({ type: 'xl.create', config: 'alice.cfg', extra })).toBe('asp.snp-policy-reserved');
  });
});

describe('xen.debug-read', () => {
  it.each([
    ['sev', 0],
    ['sev-es', 4],
    ['sev-snp', 0xb0000],
  ] as const)('shows the plaintext of a guest with %s and policy %i', (technology, policy) => {
    const { bench } = withGuest({ technology }, `sev_policy=${policy}`);
    const seen = bench.done({ type: 'xen.debug-read', guest: 'alice', gpa, to: COPY, length: 16 });
    expect(seen.text).toBe(TEXT);
  });

  it.each([
    ['sev', 'asp.policy-nodbg'],
    ['sev-snp', 'asp.snp-policy-debug'],
  ] as const)('is refused by %s without a debugger in the policy', (technology, rule) => {
    const { bench } = withGuest({ technology });
    expect(bench.refused({ type: 'xen.debug-read', guest: 'alice', gpa, to: COPY })).toBe(rule);
  });
});

const COPY = 0x80000;

describe('xen.swap-launch', () => {
  const swap = { type: 'xen.swap-launch', first: 0x5000, second: 0x5400 } as const;

  it('leaves the measurement of SEV as it was, and the memory not', () => {
    const launched = (swapped: boolean) => {
      const bench = new Bench({ technology: 'sev' });
      bench.done({ type: 'owner.session', config: 'alice.cfg', extra: 'memory=1' });
      if (swapped) bench.done(swap);
      bench.done({ type: 'xl.create', config: 'alice.cfg', extra: 'memory=1', session: true });
      const { right } = bench.done({ type: 'owner.check', guest: 'alice' });
      return { right, memory: bench.dram(bench.spaOf('alice', 0x7f00_0000_5000), 16) };
    };
    const [honest, swapped] = [launched(false), launched(true)];
    expect([honest.right, swapped.right]).toEqual([true, true]);
    expect(bytesEqual(honest.memory, swapped.memory)).toBe(false);
  });

  it('changes the launch digest of SEV-SNP', () => {
    const bench = new Bench({ technology: 'sev-snp' });
    bench.done({ type: 'owner.identity', config: 'alice.cfg', extra: 'memory=1' });
    bench.done(swap);
    expect(bench.refused({ type: 'xl.create', config: 'alice-id.cfg' })).toBe('asp.id-block-digest');
  });

  it('exchanges blocks of one page', () => {
    const bench = new Bench({ technology: 'sev' });
    expect(bench.refused({ ...swap, second: 0x6000 })).toBe('xen.swap-in-page');
  });
});
