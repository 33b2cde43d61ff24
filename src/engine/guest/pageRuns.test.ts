import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { FrameRun } from '../core/frameRun';
import { holdsPage, missingIn, type PageRuns, withoutRun, withRun } from './pageRuns';

const PAGES = 40;
const run = fc.tuple(fc.nat(PAGES - 1), fc.integer({ min: 1, max: 12 }));
const pagesOf = (runs: PageRuns): number[] =>
  runs.flatMap(([first, count]) => Array.from({ length: count }, (_, i) => first + i));

describe('a set of pages as runs', () => {
  it('is the set that additions and removals make, in order and apart', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.boolean(), run), { maxLength: 24 }), (plays) => {
        const wanted = new Set<number>();
        let runs: PageRuns = [];
        for (const [adds, part] of plays) {
          for (const page of pagesOf([part])) adds ? wanted.add(page) : wanted.delete(page);
          runs = adds ? withRun(runs, part) : withoutRun(runs, part);
        }
        expect(pagesOf(runs)).toEqual([...wanted].sort((a, b) => a - b));
        for (let i = 1; i < runs.length; i++) {
          const [before, [first]] = [runs[i - 1] as FrameRun, runs[i] as FrameRun];
          expect(before[0] + before[1]).toBeLessThanOrEqual(first);
        }
        for (let page = 0; page < PAGES; page++) expect(holdsPage(runs, page)).toBe(wanted.has(page));
      }),
    );
  });

  it('and what is missing in it', () => {
    fc.assert(
      fc.property(fc.array(run, { maxLength: 8 }), run, (parts, asked) => {
        const runs = parts.reduce<PageRuns>((all, part) => withRun(all, part), []);
        const missing = pagesOf(missingIn(runs, asked));
        expect(missing).toEqual(pagesOf([asked]).filter((page) => !holdsPage(runs, page)));
      }),
    );
  });

  it('joins neighbours', () => {
    expect(withRun([[0, 8]], [8, 4])).toEqual([[0, 12]]);
  });
});
