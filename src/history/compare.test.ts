import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PAGE_SIZE } from '../engine/core/address';
import { bytesEqual } from '../engine/core/bytes';
import { played, type WorldSession } from './testing/world';

const chosen = Array.from({ length: 60 }, (_, n) => n + 1);

/** Everything at one moment, copied. */
function snapshot(session: WorldSession, change: number) {
  session.seek(change);
  const { state } = session;
  return {
    cells: new Map(state.allCells()),
    pages: new Map([...state.pages.chunks].map(([number, words]) => [number, words.slice()])),
    dram: new Map([...state.dram.pages].map(([number, bytes]) => [number, bytes.slice()])),
    caches: state.caches.map((cache) => new Map(cache)),
    tlbs: state.tlbs.map((tlb) => new Map(tlb)),
  };
}

/** How many keys of two maps have different values. */
function differing(a: ReadonlyMap<string, unknown>, b: ReadonlyMap<string, unknown>): number {
  const keys = new Set([...a.keys(), ...b.keys()]);
  return [...keys].filter((key) => JSON.stringify(a.get(key)) !== JSON.stringify(b.get(key))).length;
}

describe('compare', () => {
  it('finds exactly what two snapshots differ in', () => {
    const session = played(chosen);
    const any = fc.nat({ max: session.length });
    fc.assert(
      fc.property(any, any, (a, b) => {
        const found = session.compare(a, b);
        const [before, after] = [snapshot(session, a), snapshot(session, b)];
        expect(found.cells.length).toBe(differing(before.cells, after.cells));
        const sum = (numbers: number[]) => numbers.reduce((total, n) => total + n, 0);
        expect(found.lines.length).toBe(
          sum([0, 1].map((n) => differing(before.caches[n]!, after.caches[n]!))),
        );
        expect(found.entries.length).toBe(sum([0, 1].map((n) => differing(before.tlbs[n]!, after.tlbs[n]!))));
        for (const { pfn, before: was, after: is } of found.pages) {
          const word = (words: Map<number, Uint32Array>) =>
            words.get(Math.floor(pfn / 65536))?.[pfn % 65536] ?? 0;
          expect([was, is]).toEqual([word(before.pages), word(after.pages)]);
          expect(was).not.toBe(is);
        }
        for (const range of found.dram) {
          const page = before.dram.get(Math.floor(range.address / PAGE_SIZE))!;
          const offset = range.address % PAGE_SIZE;
          page.set(range.after, offset);
        }
        const zeros = new Uint8Array(PAGE_SIZE);
        for (const [number, bytes] of after.dram) {
          expect(bytesEqual(before.dram.get(number) ?? zeros, bytes)).toBe(true);
        }
      }),
      { numRuns: 25 },
    );
  });

  it('turns round when its ends are exchanged', () => {
    const session = played(chosen);
    const there = session.compare(10, session.length);
    const back = session.compare(session.length, 10);
    expect(back.dram.map(({ before, after }) => [after, before])).toEqual(
      there.dram.map(({ before, after }) => [before, after]),
    );
    expect(back.cells.map(({ before, after }) => [after, before])).toEqual(
      there.cells.map(({ before, after }) => [before, after]),
    );
  });

  it('needs nothing that the journal still holds, and does not move the cursor', () => {
    const [small, large] = [played(chosen, 100_000), played(chosen)];
    expect(small.journal.firstKept).toBeGreaterThan(0);
    for (const session of [small, large]) session.seek(large.length - 20);
    const [digest, position] = [small.digest(), small.position()];
    expect(small.compare(5, large.length)).toEqual(large.compare(5, large.length));
    expect([small.digest(), small.position()]).toEqual([digest, position]);
  });

  it('leaves the cursor inside the span that it has just gone into', () => {
    const session = played(chosen, 100_000);
    session.seekAction(58, 'start');
    const inside = session.into();
    expect(inside.spans).toHaveLength(1);
    session.compare(0, 5);
    expect(session.position()).toEqual(inside);
  });
});
