import type { FrameRun } from '../core/frameRun';

/** Sets of page numbers as runs, in order and apart. */
export type PageRuns = readonly FrameRun[];

export const holdsPage = (runs: PageRuns, page: number): boolean =>
  runs.some(([first, count]) => page >= first && page < first + count);

/** The set without the pages of a run. */
export const withoutRun = (runs: PageRuns, [from, pages]: FrameRun): FrameRun[] =>
  runs.flatMap(([first, count]): FrameRun[] => {
    const [end, to] = [first + count, from + pages];
    const left: FrameRun[] = [];
    if (first < from) left.push([first, Math.min(end, from) - first]);
    if (end > to) left.push([Math.max(first, to), end - Math.max(first, to)]);
    return left;
  });

/** The set with the pages of a run. */
export function withRun(runs: PageRuns, run: FrameRun): FrameRun[] {
  const merged: FrameRun[] = [];
  for (const [first, count] of [...withoutRun(runs, run), run].sort((a, b) => a[0] - b[0])) {
    const last = merged.at(-1);
    if (last && last[0] + last[1] === first) merged[merged.length - 1] = [last[0], last[1] + count];
    else if (count > 0) merged.push([first, count]);
  }
  return merged;
}

/** The pages of a run that are not in the set. */
export const missingIn = (runs: PageRuns, run: FrameRun): FrameRun[] =>
  runs.reduce<FrameRun[]>((left, held) => withoutRun(left, held), [run]);
