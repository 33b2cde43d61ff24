import { describe, expect, it } from 'vitest';
import type { PartialConfig } from '../config';
import { HOST_KEY, NO_KEY } from '../core/key';
import { lineSlot } from '../core/stores';
import { asData, Bench, blocks } from '../testing/bench';
import { createGuest } from '../testing/guests';

const OLD = blocks('salary=4200 EUR.');
const NEW = blocks('salary=9900 EUR.');
const AT = 2 ** 21;

const late = (part: PartialConfig = {}) =>
  new Bench({ technology: 'sme', sme: 'partial', memory: 2 ** 22, writeBack: 'late', ...part });

const write = (data: Uint8Array, rest: { core?: number; c?: string; at?: number } = {}) => ({
  type: 'host.write',
  at: AT,
  data: asData(data),
  ...rest,
});
const read = (rest: { core?: number; c?: string } = {}) => ({
  type: 'host.read',
  at: AT,
  length: 16,
  ...rest,
});

/** What the cache did, in order: `event complex`. */
const events = (bench: Bench, from: number): string[] =>
  bench.changes
    .slice(from)
    .flatMap((change) =>
      change.store === 'fact' && change.what === 'cache'
        ? [`${change.data.event} ${change.data.complex}`]
        : [],
    );

const lines = (bench: Bench, complex: number): string[] => [...(bench.state.caches[complex]?.keys() ?? [])];

describe('one complex', () => {
  it('misses, then hits; a write stays in the cache until something flushes it', () => {
    const bench = late();
    const from = bench.changes.length;
    for (const action of [write(OLD), read()]) bench.done(action);
    expect(events(bench, from)).toEqual(['miss 0', 'hit 0']);
    expect(bench.dram(AT, 16)).toEqual(new Uint8Array(16));
    expect(bench.done({ type: 'cpu.clflush', at: AT })).toEqual({ lines: 1 });
    expect(bench.dram(AT, 16)).toEqual(OLD);
    expect(lines(bench, 0)).not.toContain(lineSlot(AT, NO_KEY));
  });

  it('evicts the oldest line when it is full, and writes it back if it is dirty', () => {
    const bench = late({ cacheLines: 8 });
    bench.perform({ type: 'cpu.wbinvd', core: 0 });
    bench.done(write(OLD));
    for (let i = 1; i <= 7; i++) bench.done({ type: 'host.read', at: AT + i * 64, length: 1 });
    expect(bench.state.caches[0]?.size).toBe(8);
    const from = bench.changes.length;
    bench.done({ type: 'host.read', at: AT + 8 * 64, length: 1 });
    expect(events(bench, from)).toEqual(['miss 0', 'evict 0']);
    expect(bench.dram(AT, 16)).toEqual(OLD);
    expect(lines(bench, 0)).not.toContain(lineSlot(AT, NO_KEY));
  });

  it('INVD loses what was not written back', () => {
    const bench = late();
    bench.done(write(OLD));
    bench.done({ type: 'cpu.clflush', at: AT });
    bench.done(write(NEW));
    bench.done({ type: 'cpu.invd', core: 0 });
    expect(bench.done(read()).hex).toBe(asData(OLD).slice(4));
  });

  it('loses everything with the power', () => {
    const bench = late();
    bench.done(write(OLD));
    bench.done({ type: 'power.off' });
    expect(bench.state.caches.every((cache) => cache.size === 0)).toBe(true);
    expect(bench.dram(AT, 16)).toEqual(new Uint8Array(16));
  });
});

describe('two complexes', () => {
  it('WBINVD on one leaves the other’s lines', () => {
    const bench = late();
    bench.done(write(OLD, { core: 0 }));
    bench.done(write(NEW, { core: 2, at: AT + 64 }));
    bench.done({ type: 'cpu.wbinvd', core: 1 });
    expect([lines(bench, 0), bench.dram(AT, 16)]).toEqual([[], OLD]);
    expect(lines(bench, 1)).toContain(lineSlot(AT + 64, NO_KEY));
    expect(bench.dram(AT + 64, 16)).toEqual(new Uint8Array(16));
  });

  it.each(['naples', 'milan'] as const)(
    'snoop within one domain on %s: the newest bytes, one dirty line',
    (generation) => {
      const bench = late({ generation });
      bench.done(write(OLD, { core: 0 }));
      const from = bench.changes.length;
      expect(bench.done(read({ core: 2 })).text).toBe('salary=4200 EUR.');
      expect(events(bench, from)).toEqual(['miss 1', 'from a neighbour 0']);
      bench.done(write(NEW, { core: 2 }));
      expect(lines(bench, 0)).not.toContain(lineSlot(AT, NO_KEY));
      expect(bench.done(read({ core: 0 })).text).toBe('salary=9900 EUR.');
    },
  );

  it('a clean line comes from the neighbour, too, where DRAM has moved on under another key', () => {
    const bench = late({ generation: 'naples' });
    bench.done(write(OLD, { core: 0 }));
    bench.done({ type: 'cpu.clflush', at: AT });
    bench.done(read({ core: 0 }));
    bench.done(write(NEW, { core: 0, c: '1' }));
    bench.done({ type: 'cpu.clflush', at: AT, c: true });
    expect(bench.done(read({ core: 2, c: '0' })).text).toBe('salary=4200 EUR.');
    for (const core of [0, 2]) bench.done({ type: 'cpu.wbinvd', core });
    expect(bench.done(read({ core: 2, c: '0' })).text).not.toBe('salary=4200 EUR.');
  });
});

describe.each(['naples', 'rome'] as const)('without HwEnfCacheCoh, on %s', (generation) => {
  it('the two views of an address are two dirty lines, and the last one written back wins', () => {
    const bench = late({ generation });
    bench.done(write(OLD, { c: '0' }));
    bench.done(write(NEW, { c: '1' }));
    expect(lines(bench, 0)).toEqual(expect.arrayContaining([lineSlot(AT, NO_KEY), lineSlot(AT, HOST_KEY)]));
    bench.done({ type: 'cpu.clflush', at: AT, c: true });
    expect(bench.keysOf(AT, NEW)).toEqual([HOST_KEY]);
    bench.done({ type: 'cpu.clflush', at: AT, c: false });
    expect(bench.dram(AT, 16)).toEqual(OLD);
    expect(bench.done(read({ c: '1' })).text).not.toBe('salary=9900 EUR.');
  });

  it('a stale clean line hides what came to DRAM under another key', () => {
    const bench = late({ generation });
    bench.done(write(OLD, { c: '0' }));
    bench.done({ type: 'cpu.clflush', at: AT });
    bench.done(read({ c: '0' }));
    bench.done(write(NEW, { c: '1' }));
    bench.done({ type: 'cpu.clflush', at: AT, c: true });
    expect(bench.done(read({ c: '0' })).text).toBe('salary=4200 EUR.');
  });
});

describe.each(['milan', 'genoa', 'turin'] as const)('with HwEnfCacheCoh, on %s', (generation) => {
  it('the other view is written back before this one is filled', () => {
    const bench = late({ generation });
    bench.done(write(OLD, { c: '0', core: 0 }));
    const from = bench.changes.length;
    bench.done(write(NEW, { c: '1', core: 2 }));
    expect(events(bench, from)).toEqual(['miss 1', 'other view written back 0']);
    expect(lines(bench, 0)).not.toContain(lineSlot(AT, NO_KEY));
    bench.done({ type: 'cpu.clflush', at: AT, c: false });
    expect(bench.keysOf(AT, NEW)).toEqual([HOST_KEY]);
  });

  it('a look sees a dirty line of another domain as if it were written back', () => {
    const bench = late({ generation });
    bench.done(write(OLD, { c: '1' }));
    const cipher = bench.machine.cipher(HOST_KEY);
    expect(bench.seen({ eye: 'host', c: 0 }, AT, 16)).toEqual(cipher?.encrypt(AT, OLD));
    expect(bench.dram(AT, 16)).toEqual(new Uint8Array(16));
  });
});

describe('VMPAGE_FLUSH', () => {
  const asid = (bench: Bench) => bench.domain('alice').asid;

  function withBoth(generation: 'naples' | 'milan'): { bench: Bench; spa: number } {
    const bench = new Bench({ generation, memory: 2 ** 22, writeBack: 'late' });
    bench.done(createGuest('alice'));
    const { at } = bench.done({ type: 'guest.write', guest: 'alice', data: 'private words...' });
    const spa = bench.spaOf('alice', Number(at));
    bench.done(write(NEW, { at: spa + 64 }));
    return { bench, spa };
  }

  it.each(['naples', 'milan'] as const)('flushes the lines of its ASID and no others on %s', (generation) => {
    const { bench, spa } = withBoth(generation);
    const key = asid(bench);
    expect(bench.done({ type: 'cpu.vmpage-flush', at: spa, asid: key })).toEqual({ lines: 1 });
    expect(bench.keysOf(spa, blocks('private words...'))).toEqual([key]);
    expect(lines(bench, 0)).toContain(lineSlot(spa + 64, NO_KEY));
  });

  it('a host CLFLUSH reaches a guest’s lines only where hardware is coherent', () => {
    for (const [generation, count] of [
      ['naples', 0],
      ['milan', 1],
    ] as const) {
      const { bench, spa } = withBoth(generation);
      expect(bench.done({ type: 'cpu.clflush', at: spa, length: 64 })).toEqual({ lines: count });
    }
  });

  it('raises #GP for ASID 0 and for what is not mapped, and is gone on Genoa', () => {
    const { bench, spa } = withBoth('naples');
    for (const [at, wanted] of [
      [spa, 0],
      [2 ** 40, 1],
    ] as const) {
      expect(bench.refused({ type: 'cpu.vmpage-flush', at, asid: wanted })).toBe('cpu.vmpage-flush');
    }
    expect(new Bench({ generation: 'genoa' }).refused({ type: 'cpu.vmpage-flush', at: 0, asid: 1 })).toBe(
      'cpu.vmpage-flush',
    );
  });
});
