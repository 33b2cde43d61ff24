import { describe, expect, it } from 'vitest';
import { toHex } from '../core/bytes';
import type { Technology } from '../core/config';
import { asData, Bench, blocks } from '../testing/bench';
import { createGuest } from '../testing/guests';

const TEXT = blocks('the combination of the safe is 4-8-15-16');

function guarded(technology: Technology, sme: 'full' | 'none' = 'none'): { bench: Bench; spa: number } {
  const bench = new Bench({ technology, sme, memory: 2 ** 22 });
  bench.done(createGuest('alice'));
  const { at } = bench.done({ type: 'guest.write', guest: 'alice', data: asData(TEXT) });
  return { bench, spa: bench.spaOf('alice', Number(at)) };
}

const probe = (bench: Bench, at: number) => bench.done({ type: 'probe.read', at, length: TEXT.length }).hex;

describe('cold boot', () => {
  it.each([
    ['off', 'none', true],
    ['sme', 'none', true],
    ['sme', 'full', false],
    ['sev', 'none', false],
  ] as const)('technology %s, SME %s: the stick gives the text away: %s', (technology, sme, away) => {
    const { bench, spa } = guarded(technology, sme);
    const before = probe(bench, spa);
    bench.done({ type: 'power.off' });
    expect(probe(bench, spa)).toBe(before);
    expect(before === toHex(TEXT)).toBe(away);
  });

  it('everything on the chip is gone, and the domains with the next boot', () => {
    const { bench } = guarded('sev');
    bench.done({ type: 'power.off' });
    expect(bench.state.caches.map((cache) => cache.size)).toEqual([0, 0]);
    expect(bench.state.tlbs.map((tlb) => tlb.size)).toEqual([0, 0, 0, 0]);
    expect(bench.state.allCells().filter(([name]) => name.startsWith('slot/'))).toEqual([]);
    expect(bench.refused({ type: 'host.read', at: 0 })).toBe('physical.off');
    bench.done({ type: 'power.on' });
    expect(bench.refused({ type: 'guest.read', guest: 'alice', at: 0 })).toBe('domain.none');
  });

  it('after a boot the old ciphertext is there, and no key decrypts it any more', () => {
    const { bench, spa } = guarded('sme', 'full');
    const old = bench.dram(spa, TEXT.length);
    bench.done({ type: 'machine.reset' });
    expect(bench.dram(spa, TEXT.length)).toEqual(old);
    expect(bench.done({ type: 'host.read', at: spa, length: TEXT.length, c: '1' }).hex).not.toBe(toHex(TEXT));
  });
});

describe('a probe', () => {
  it('reads what is plugged in, the secure processor’s part too, and nothing in a hole', () => {
    const bench = new Bench({
      memoryMap: [
        { base: 0, size: 2 ** 22, kind: 'dram', name: 'low' },
        { base: 2 ** 22, size: 2 ** 16, kind: 'reserved', name: 'secure processor' },
        { base: 2 ** 23, size: 2 ** 16, kind: 'mmio', name: 'registers' },
        { base: 2 ** 24, size: 2 ** 20, kind: 'dram', name: 'high' },
      ],
    });
    bench.done({ type: 'probe.read', at: 2 ** 22 - 8, length: 16 });
    for (const [at, length] of [
      [2 ** 22 + 2 ** 16 - 8, 16],
      [2 ** 23, 1],
      [2 ** 24 + 2 ** 20, 1],
      [2 ** 52 - 1, 4096],
    ] as const) {
      expect(bench.refused({ type: 'probe.read', at, length })).toBe('physical.no-stick');
    }
    expect(bench.refused({ type: 'probe.write', at: 2 ** 23, data: 'x' })).toBe('physical.no-stick');
  });

  it('writes past the caches: what they hold stays, and what they write back wins', () => {
    const bench = new Bench({ technology: 'off', memory: 2 ** 22, writeBack: 'late' });
    bench.done({ type: 'host.write', at: 2 ** 20, data: 'dirty in a cache' });
    bench.done({ type: 'probe.write', at: 2 ** 20, data: 'from outside' });
    expect(bench.done({ type: 'host.read', at: 2 ** 20, length: 5 }).text).toBe('dirty');
    bench.done({ type: 'cpu.wbinvd', core: 0 });
    expect(new TextDecoder().decode(bench.dram(2 ** 20, 5))).toBe('dirty');
  });
});
