import type { Progress } from './action';

/** Does work in slices to its end, without a pause. */
export function atOnce<T>(work: Generator<unknown, T>): T {
  let step = work.next();
  while (!step.done) step = work.next();
  return step.value;
}

/** Progress in thousandths of the whole, of which this work is the part from `from` to `to`. */
export function* partOf<T>(from: number, to: number, work: Generator<Progress, T>): Generator<Progress, T> {
  let step = work.next();
  while (!step.done) {
    const { done, total } = step.value;
    yield { done: from + Math.floor(((to - from) * done) / Math.max(1, total)), total: 1000 };
    step = work.next();
  }
  return step.value;
}
