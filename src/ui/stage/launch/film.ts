import type { FilmRun } from '../../../worker/protocol';

/** A card of the strip: one frame, or all frames of a run in a stack. */
export interface FilmItem {
  readonly run: FilmRun;
  readonly from: number;
  readonly frames: number;
}

/** Runs of several pages are a stack each, unless they were spread out. @param open numbers of first frames. */
export const filmItems = (runs: readonly FilmRun[], open: ReadonlySet<number>): readonly FilmItem[] =>
  runs
    .filter(({ pages }) => pages > 0)
    .flatMap((run) =>
      open.has(run.from)
        ? Array.from({ length: run.pages }, (_, i) => ({ run, from: run.from + i, frames: 1 }))
        : [{ run, from: run.from, frames: run.pages }],
    );

/** Number of the card in which a frame is. */
export function itemOf(items: readonly FilmItem[], frame: number): number {
  let [low, high] = [0, items.length - 1];
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if ((items[middle]?.from ?? 0) <= frame) low = middle;
    else high = middle - 1;
  }
  return Math.max(0, low);
}

/** A piece of guest-physical space that is handed over as one kind of page. */
export interface Region {
  readonly what: string;
  readonly type: string;
  readonly gpa: number;
  readonly pages: number;
  readonly from: number;
  /** How many runs lie at the same place, one over the other: VMSAs do. */
  readonly times: number;
}

/** What is handed over, in the order of addresses. */
export function regionsOf(runs: readonly FilmRun[]): readonly Region[] {
  const regions: Region[] = [];
  const sorted = runs.filter(({ pages }) => pages > 0).sort((a, b) => a.gpa - b.gpa || a.from - b.from);
  for (const { what, type, gpa, pages, from } of sorted) {
    const last = regions.at(-1);
    if (last && last.gpa === gpa && last.pages === pages && last.type === type)
      regions[regions.length - 1] = { ...last, times: last.times + 1 };
    else regions.push({ what, type, gpa, pages, from, times: 1 });
  }
  return regions;
}

/** `18ae3ddb…f2b3`: enough of a digest to tell it from its neighbours. */
export const shortDigest = (digest: string): string =>
  /^0+$/.test(digest) ? '0 … 0' : `${digest.slice(0, 8)}…${digest.slice(-4)}`;

export const hexOf = (value: number): string => `0x${value.toString(16)}`;

/** What each page type means, in a sentence. */
export const TYPE_WORDS: Readonly<Record<string, string>> = {
  NORMAL: 'Encrypted as it is; its bytes are measured.',
  VMSA: 'A vCPU’s first registers; its bytes are measured.',
  ZERO: 'Zeros. The firmware clears the page itself, so no bytes are measured.',
  UNMEASURED: 'Encrypted as it is; its bytes are not measured.',
  SECRETS: 'The firmware fills the page with this guest’s keys, so no bytes are measured.',
  CPUID: 'The firmware checks the CPUID table instead of measuring it.',
};
