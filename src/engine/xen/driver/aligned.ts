import { PAGE_SIZE } from '../../core/address';
import { type Outcome, ok, type Rule, refuse } from '../../core/fault';
import type { FrameRun } from '../../core/frameRun';
import type { Platform } from '../../core/platform';
import { memoryMap } from '../../memory/regions';
import { call } from '../trail';

/** Free memory inside one range of DRAM each, from low to high: the firmware takes nothing that lies in two. */
function freeRuns(p: Platform): FrameRun[] {
  const { free } = p.state.need('xen');
  return memoryMap(p.config).flatMap(({ kind, base, size }) => {
    if (kind !== 'dram') return [];
    const [start, end] = [base / PAGE_SIZE, (base + size) / PAGE_SIZE];
    return free.flatMap(([first, count]): FrameRun[] => {
      const from = Math.max(first, start);
      const to = Math.min(first + count, end);
      return to > from ? [[from, to - from]] : [];
    });
  });
}

/** First frame of the highest run of so many frames that begins at a multiple of `unit` frames, or null. */
function highest(p: Platform, frames: number, unit: number): number | null {
  const starts = freeRuns(p).map(([first, count]) => {
    const start = Math.floor((first + count - frames) / unit) * unit;
    return start >= first ? start : null;
  });
  return starts.findLast((start) => start !== null) ?? null;
}

/** Are so many neighbouring bytes free at a multiple of `unit`? */
export const hasAligned = (p: Platform, bytes: number, unit: number): boolean =>
  highest(p, bytes / PAGE_SIZE, unit / PAGE_SIZE) !== null;

/** Takes neighbouring free memory as high as there is room, at a multiple of `unit` bytes. Answers with its SPA; whose it is, the caller marks. */
export const takeAligned = (p: Platform, bytes: number, unit: number, rule: Rule): Outcome<number> =>
  call(
    p,
    'xen',
    'alloc_domheap_pages',
    { pages: bytes / PAGE_SIZE },
    () => {
      const frames = bytes / PAGE_SIZE;
      const start = highest(p, frames, unit / PAGE_SIZE);
      if (start === null)
        return p.trace.refused(
          refuse(rule, 'ENOMEM', `No aligned ${bytes / 2 ** 20} MiB are free.`, { bytes }, 'More memory.'),
        );
      const left = p.state.need('xen').free.flatMap(([first, count]): FrameRun[] =>
        start < first || start >= first + count
          ? [[first, count]]
          : [
              [first, start - first],
              [start + frames, first + count - start - frames],
            ],
      );
      p.trace.patch('xen', 0, { free: left.filter(([, count]) => count > 0) });
      return ok(start * PAGE_SIZE);
    },
    (at) => ({ at }),
  );
