import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { OWNER_GUEST, packPage } from '../engine/core/page';
import { PageMirror } from './pageMirror';

const word = (owner: number, shared = false): number =>
  packPage({ owner, key: 3, writer: owner, shared, structure: false });
const pairs = fc.array(
  fc.tuple(fc.integer({ min: 0, max: 2 ** 28 - 1 }), fc.integer({ min: 0, max: 2 ** 32 - 1 })),
  {
    maxLength: 40,
  },
);
const touched = (mirror: PageMirror): Map<number, number> => {
  const all = new Map<number, number>();
  mirror.forEachTouched((pfn, w) => all.set(pfn, w));
  return all;
};

describe('PageMirror', () => {
  it('knows what was applied last and nothing else', () => {
    fc.assert(
      fc.property(pairs, (list) => {
        const mirror = new PageMirror();
        mirror.apply(Uint32Array.from(list.flat()));
        const expected = new Map(list);
        for (const [pfn, w] of expected) expect(mirror.word(pfn)).toBe(w);
        const kept = [...expected].filter(([, w]) => w !== 0);
        expect(touched(mirror)).toEqual(new Map(kept.sort(([a], [b]) => a - b)));
      }),
    );
  });

  it('after replace equals a fresh mirror, and what it told leads there', () => {
    fc.assert(
      fc.property(pairs, pairs, (first, second) => {
        const mirror = new PageMirror();
        mirror.apply(Uint32Array.from(first.flat()));
        const follower = new Map(touched(mirror));
        mirror.subscribe((patch, hot) => {
          expect(hot).toBe(false);
          for (let i = 0; i < patch.length; i += 2) follower.set(patch[i] as number, patch[i + 1] as number);
        });
        mirror.replace(Uint32Array.from(second.flat()));
        const fresh = new PageMirror();
        fresh.apply(Uint32Array.from(second.flat()));
        expect(touched(mirror)).toEqual(touched(fresh));
        expect(mirror.census).toEqual(fresh.census);
        expect(new Map([...follower].filter(([, w]) => w !== 0))).toEqual(touched(fresh));
      }),
    );
  });

  it('counts owners and shared pages as they change', () => {
    const mirror = new PageMirror();
    mirror.apply(Uint32Array.of(1, word(OWNER_GUEST), 2, word(OWNER_GUEST, true), 1, word(1)));
    expect(mirror.census.owner[OWNER_GUEST]).toBe(1);
    expect(mirror.census.owner[1]).toBe(1);
    expect(mirror.census.shared).toBe(1);
  });

  it('tells listeners of what was measured, and stops when they leave', () => {
    const mirror = new PageMirror();
    const heard: number[][] = [];
    const leave = mirror.subscribe((patch) => heard.push([...patch]));
    mirror.setMeasured([7], [200]);
    expect(mirror.measured(7)).toBe(200);
    expect(mirror.measured(8)).toBe(-1);
    mirror.setMeasured([8], [0]);
    expect([mirror.measured(7), mirror.measured(8)]).toEqual([-1, 0]);
    leave();
    mirror.setMeasured([9], [0]);
    expect(heard).toEqual([
      [7, 0],
      [7, 0, 8, 0],
    ]);
  });
});
