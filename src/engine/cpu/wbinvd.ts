import type { Platform } from '../core/platform';
import { wbinvd } from '../memory/flush';

const WORD = 32;

const flags = (p: Platform): readonly number[] =>
  p.state.cell('wbinvd')?.done ?? new Array(Math.ceil(p.state.tlbs.length / WORD)).fill(0);

/** Has the thread executed WBINVD since its flag was last cleared? */
export const wbinvdDone = (p: Platform, thread: number): boolean =>
  (((flags(p)[Math.floor(thread / WORD)] ?? 0) >>> (thread % WORD)) & 1) === 1;

/**
 * WBINVD as one thread executes it: its complex writes everything back and empties, and microcode sets the thread's
 * WBINVD_DONE, which the secure processor's firmware reads (AMD-ASPFW sev_hal_interface.c: is_wbinvd_done).
 * @returns how many lines left.
 */
export function wbinvdOn(p: Platform, thread: number): number {
  const lines = wbinvd(p, p.state.need('core', thread).complex);
  markWbinvd(p, thread);
  return lines;
}

function markWbinvd(p: Platform, thread: number): void {
  if (wbinvdDone(p, thread)) return;
  const word = Math.floor(thread / WORD);
  const bits = (flags(p)[word] ?? 0) | (1 << (thread % WORD));
  p.trace.set('wbinvd', 0, { done: flags(p).with(word, bits >>> 0) });
}

/** The firmware clears the flags of all threads on these complexes (one bit each). */
export function clearWbinvd(p: Platform, complexes: number): void {
  const done = [...flags(p)];
  for (let thread = 0; thread < p.state.tlbs.length; thread++) {
    if (((complexes >>> p.state.need('core', thread).complex) & 1) === 0) continue;
    const word = Math.floor(thread / WORD);
    done[word] = ((done[word] ?? 0) & ~(1 << (thread % WORD))) >>> 0;
  }
  const after = done.some((word) => word !== 0) ? { done } : null;
  if (done.some((word, i) => word !== flags(p)[i])) p.trace.set('wbinvd', 0, after);
}
