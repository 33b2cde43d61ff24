import type { Change } from '../engine/core/change';
import type { State } from '../engine/core/state';

/** Longer ways than this send the whole picture. */
const FAR = 60_000;

/** What the window's copy of the page words lacks. */
export interface Feed {
  readonly patch: Uint32Array;
  readonly whole: boolean;
}

/** All pages of which anything is known. */
export function wholePicture(state: State): Feed {
  const pairs: number[] = [];
  for (const [number, words] of state.pages.chunks) {
    for (let i = 0; i < words.length; i++) {
      const word = words[i] as number;
      if (word !== 0) pairs.push(number * words.length + i, word);
    }
  }
  return { patch: Uint32Array.from(pairs), whole: true };
}

/**
 * The pages that changed on the way between two cursors of the same line; the whole picture when the way is long or part
 * of it is forgotten.
 */
export function between(
  state: State,
  from: number,
  to: number,
  kept: number,
  at: (index: number) => Change,
): Feed {
  const [low, high] = from < to ? [from, to] : [to, from];
  if (high - low > FAR || low < kept) return wholePicture(state);
  const touched = new Set<number>();
  for (let index = low; index < high; index++) {
    const change = at(index);
    if (change.store === 'page') touched.add(change.pfn);
  }
  const patch = new Uint32Array(touched.size * 2);
  let i = 0;
  for (const pfn of touched) {
    patch[i++] = pfn;
    patch[i++] = state.pages.get(pfn);
  }
  return { patch, whole: false };
}
