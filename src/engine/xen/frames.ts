import { LARGE_PAGE_SIZE, PAGE_SIZE } from '../core/address';
import { type Outcome, ok, type Rule, refuse } from '../core/fault';
import type { FrameRun } from '../core/frameRun';
import { OWNER_FREE, pageOwner } from '../core/page';
import type { Platform } from '../core/platform';

export const NO_MEMORY: Rule = {
  id: 'xen.no-memory',
  says: 'The hypervisor gives a domain only frames that nobody owns.',
  source: 'Xen xen/common/page_alloc.c (alloc_domheap_pages)',
  standing: 'published',
};

const LARGE = LARGE_PAGE_SIZE / PAGE_SIZE;

/** The two heaps of Xen: its own, and the one that domains' memory comes from. */
export type Heap = 'heap' | 'free';

/** Takes `count` frames, first fit; whole aligned 2 MiB frames when `aligned`. Marks their owner. */
export function takeFrames(
  p: Platform,
  heap: Heap,
  count: number,
  owner: number,
  aligned = false,
): Outcome<FrameRun[]> {
  const xen = p.state.need('xen');
  const free = xen[heap].map(([first, size]): [number, number] => [first, size]);
  const taken: FrameRun[] = [];
  let missing = count;
  for (let i = 0; i < free.length && missing > 0; i++) {
    const run = free[i];
    if (!run) continue;
    const start = aligned ? Math.ceil(run[0] / LARGE) * LARGE : run[0];
    let size = Math.min(missing, run[0] + run[1] - start);
    if (aligned) size -= size % LARGE;
    if (size <= 0) continue;
    taken.push([start, size]);
    missing -= size;
    const tail: [number, number] = [start + size, run[0] + run[1] - start - size];
    run[1] = start - run[0];
    if (tail[1] > 0) free.splice(i + 1, 0, tail);
  }
  if (missing > 0) {
    const left = countFrames(xen[heap]);
    return refuse(
      NO_MEMORY,
      'refused',
      `${count} frames are needed and only ${left} are free.`,
      { needed: count, free: left },
      'A machine with more memory, or a smaller guest.',
    );
  }
  p.trace.patch('xen', 0, { [heap]: free.filter(([, size]) => size > 0) });
  for (const run of taken) setOwner(p, run, owner);
  return ok(taken);
}

export function giveBack(p: Platform, heap: Heap, runs: readonly FrameRun[]): void {
  const free = [...p.state.need('xen')[heap], ...runs].sort((a, b) => a[0] - b[0]);
  const merged: FrameRun[] = [];
  for (const [first, size] of free) {
    const last = merged.at(-1);
    if (last && last[0] + last[1] === first) merged[merged.length - 1] = [last[0], last[1] + size];
    else merged.push([first, size]);
  }
  p.trace.patch('xen', 0, { [heap]: merged });
  for (const run of runs) {
    if (heap === 'free') setOwner(p, run, OWNER_FREE);
    else for (let frame = run[0]; frame < run[0] + run[1]; frame++) p.trace.page(frame, { structure: false });
  }
}

/** Why the hypervisor's heap is too small for the tables of that many pages and a control block, or null. */
export function noRoomForTables(p: Platform, pages: number): Outcome<never> | null {
  const needed = Math.ceil(pages / 512) + Math.ceil(pages / 512 ** 2) + 6;
  const free = countFrames(p.state.need('xen').heap);
  if (needed <= free) return null;
  const message = `The tables may need ${needed} frames of Xen’s heap, and ${free} are free.`;
  return refuse(
    NO_MEMORY,
    'refused',
    message,
    { needed, free },
    'A machine with more memory, or a smaller guest.',
  );
}

/** The frames that were taken from Xen's own heap since it was `before`. */
export function takenSince(p: Platform, before: readonly FrameRun[]): FrameRun[] {
  const { heap } = p.state.need('xen');
  if (heap === before) return [];
  const out: FrameRun[] = [];
  for (const [first, count] of before) {
    let from = first;
    for (const [kept, size] of heap) {
      if (kept >= first + count || kept + size <= from) continue;
      if (kept > from) out.push([from, kept - from]);
      from = kept + size;
    }
    if (from < first + count) out.push([from, first + count - from]);
  }
  return out;
}

export function setOwner(p: Platform, [first, size]: FrameRun, owner: number): void {
  for (let frame = first; frame < first + size; frame++) {
    if (pageOwner(p.state.pages.get(frame)) !== owner)
      p.trace.page(frame, { owner, shared: false, structure: false });
  }
}

/** The n-th frame of a list of runs, or null beyond its end. */
export function frameAt(runs: readonly FrameRun[], n: number): number | null {
  if (n < 0) return null;
  let left = n;
  for (const [first, size] of runs) {
    if (left < size) return first + left;
    left -= size;
  }
  return null;
}

/** Where in the list of runs a frame stands, or null. */
export function indexOfFrame(runs: readonly FrameRun[], frame: number): number | null {
  let before = 0;
  for (const [first, size] of runs) {
    if (frame >= first && frame < first + size) return before + frame - first;
    before += size;
  }
  return null;
}

export const countFrames = (runs: readonly FrameRun[]): number =>
  runs.reduce((sum, [, size]) => sum + size, 0);
