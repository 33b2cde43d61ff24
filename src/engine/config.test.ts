import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { completeConfig } from './config';
import { partialConfigSchema } from './configSchema';
import { PAGE_SIZE } from './core/address';
import type { Region } from './core/config';
import { memoryMap, pageCount, regionAt } from './memory/regions';
import { Bench } from './testing/bench';
import { createGuest } from './testing/guests';
import { broken } from './testing/invariants';

const MIB = 2 ** 20;
const GIB = 2 ** 30;
const range = (base: number, size: number, kind: Region['kind'] = 'dram'): Region => ({
  base,
  size,
  kind,
  name: `${kind} at ${base}`,
});

describe('a memory map', () => {
  const wrong = (map: Region[]) => {
    const parsed = partialConfigSchema.safeParse({ memoryMap: map });
    return parsed.success ? [] : parsed.error.issues.map(({ message }) => message);
  };

  it.each([
    [[range(0, 4 * MIB), range(2 * MIB, MIB, 'mmio')], 'the ranges dram at 0 and mmio at 2097152 overlap'],
    [[range(0, MIB)], 'one range of DRAM must have at least 4 MiB'],
    [
      [range(0, 4 * MIB), range(2 ** 43 - PAGE_SIZE, 2 * PAGE_SIZE, 'mmio')],
      'the range mmio at 8796093018112 ends above 8 TiB',
    ],
    [[range(2 * 2 ** 40 - 4 * MIB, 8 * MIB)], 'the range dram at 2199019061248 ends above 2 TiB'],
    [[range(0, 2 ** 40), range(2 ** 40, MIB)], 'there is more than 1 TiB of DRAM'],
    [[range(0, 4 * MIB), range(GIB, GIB + PAGE_SIZE, 'reserved')], 'more than 1 GiB is reserved'],
  ])('is refused in words', (map, message) => {
    expect(wrong(map)).toContain(message);
  });

  it('says how much memory there is', () => {
    const config = completeConfig({
      memory: 64 * MIB,
      memoryMap: [range(GIB, 5 * MIB), range(0, 8 * MIB + PAGE_SIZE)],
    });
    expect(config.memory).toBe(13 * MIB);
    expect(memoryMap(config).map(({ base }) => base)).toEqual([0, GIB]);
    expect(pageCount(config)).toBe((GIB + 5 * MIB) / PAGE_SIZE);
    expect(partialConfigSchema.safeParse(config).success).toBe(true);
  });

  it('that passes is a machine that boots, runs a guest and stays sound', () => {
    const gap = fc.constantFrom(0, 1, 5, 511, 512, 513, 262_144, 3 * 262_144);
    const pages = fc.constantFrom(1, 2, 100, 1024, 1025, 262_144, 262_145);
    const kind = fc.constantFrom<Region['kind']>('dram', 'dram', 'reserved', 'mmio');
    const ranges = fc.array(fc.tuple(gap, pages, kind), { minLength: 1, maxLength: 64, size: 'max' });
    let booted = 0;
    fc.assert(
      fc.property(ranges, (wanted) => {
        let at = 0;
        const map = wanted.map(([skip, count, each]) => {
          const made = range(at + skip * PAGE_SIZE, count * PAGE_SIZE, each);
          at = made.base + made.size;
          return made;
        });
        if (wrong(map).length > 0) return;
        booted++;
        const bench = new Bench({ memoryMap: map });
        bench.done(createGuest('alice'));
        expect(bench.done({ type: 'guest.write', guest: 'alice', data: 'x' }).length).toBe(1);
        for (const { base, size, kind: own } of map) {
          const reached = bench.perform({ type: 'host.read', at: base + size - 1, length: 1, c: '1' });
          expect(reached.ok).toBe(own === 'dram');
          expect(bench.perform({ type: 'probe.read', at: base, length: 1 }).ok).toBe(own !== 'mmio');
        }
        expect([...broken(bench.machine)].slice(0, 3)).toEqual([]);
      }),
      { numRuns: 60, seed: 4 },
    );
    expect(booted).toBeGreaterThan(10);
  });
});

describe('a machine', () => {
  it.each([4 * MIB, 5 * MIB, 16 * MIB, 3 * GIB + MIB, 2 ** 40])(
    'of %i bytes boots, and its map ends where its memory does',
    (memory) => {
      const bench = new Bench({ memory });
      expect(pageCount(bench.machine.config)).toBe(memory / PAGE_SIZE);
      expect(regionAt(bench.machine, memory - 1)?.kind).toBe('reserved');
      expect(bench.done({ type: 'host.read', at: regionAt(bench.machine, 0)!.size - 64 }).length).toBe(64);
      if (memory < GIB) expect([...broken(bench.machine)].slice(0, 3)).toEqual([]);
    },
  );

  it.each([
    [{ sockets: 1, complexes: 1, cores: 1, threads: 1 }, 1, 1],
    [{ sockets: 2, complexes: 8, cores: 8, threads: 2 }, 16, 256],
    [{ sockets: 2, complexes: 16, cores: 16, threads: 2 }, 32, 1024],
  ])('of any topology runs guests on its cores', (topology, complexes, cores) => {
    const bench = new Bench({ topology, memory: 8 * MIB });
    expect([bench.state.caches.length, bench.state.tlbs.length]).toEqual([complexes, cores]);
    for (const guest of ['alice', 'bob']) {
      bench.done(createGuest(guest));
      const at = Number(bench.done({ type: 'guest.write', guest, data: guest }).at);
      expect(bench.done({ type: 'guest.read', guest, at, length: 3 }).length).toBe(3);
      bench.done({ type: 'host.vmrun', guest, core: cores - 1 });
    }
    expect(bench.state.need('core', cores - 1).complex).toBe(complexes - 1);
  });
});
