import type { Platform } from '../core/platform';

/** Lines that the ring holds. Modelled: the real one holds 16 KiB of text. */
const RING_LINES = 200;

export const consoleLines = (p: Platform): readonly string[] => p.state.cell('ring')?.lines ?? [];

/** Xen prints a line: `(XEN) …` (Xen xen/drivers/char/console.c). */
export function printk(p: Platform, line: string): void {
  p.trace.set('ring', 0, { lines: [...consoleLines(p), `(XEN) ${line}`].slice(-RING_LINES) });
}
