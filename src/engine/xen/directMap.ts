import { HUGE_PAGE_SIZE, LARGE_PAGE_SIZE } from '../core/address';
import type { MachineConfig } from '../core/config';
import { DONE, type Outcome } from '../core/fault';
import type { Platform } from '../core/platform';
import { memEncryption } from '../cpu/mode';
import { levelSpan } from '../memory/pageTable';
import { memoryMap } from '../memory/regions';
import { mapRange } from './tables';

/**
 * The hypervisor's own address space: a direct map at 0 whose C-bits follow the SME policy, and two alias windows of the
 * same memory, one all C = 0 and one all C = 1, through which it looks at a page either way.
 */
export const WINDOW_SIZE = 2 ** 44;
/** Where each window begins; from `unmapped` on nothing is mapped. */
export const WINDOWS = {
  mapped: 0,
  '0': WINDOW_SIZE,
  '1': 2 * WINDOW_SIZE,
  unmapped: 4 * WINDOW_SIZE,
} as const;

/** A run of pages of one size in the direct map. */
interface Piece {
  readonly at: number;
  readonly count: number;
  readonly unit: number;
}

/** All of memory in 1 GiB pages, and in 2 MiB pages where a GiB is not full. */
function* pieces(config: MachineConfig): Generator<Piece> {
  for (const { base, size, kind } of memoryMap(config)) {
    if (kind === 'mmio') continue;
    const end = base + size;
    for (let at = base - (base % LARGE_PAGE_SIZE); at < end; ) {
      const huge = at % HUGE_PAGE_SIZE === 0 ? Math.floor((end - at) / HUGE_PAGE_SIZE) : 0;
      const ofGib = Math.min(end, at - (at % HUGE_PAGE_SIZE) + HUGE_PAGE_SIZE) - at;
      const unit = huge > 0 ? HUGE_PAGE_SIZE : LARGE_PAGE_SIZE;
      const count = huge > 0 ? huge : Math.ceil(ofGib / LARGE_PAGE_SIZE);
      yield { at, count, unit };
      at += count * unit;
    }
  }
}

/** Tables that the three windows need. */
export function tablesOfDirectMap(config: MachineConfig): number {
  const tables = new Set<string>();
  for (const { at, count, unit } of pieces(config)) {
    const last = at + count * unit - 1;
    for (let half = Math.floor(at / levelSpan(4)); half * levelSpan(4) <= last; half++)
      tables.add(`3 ${half}`);
    if (unit === LARGE_PAGE_SIZE) tables.add(`2 ${Math.floor(at / levelSpan(3))}`);
  }
  return 1 + 3 * tables.size;
}

/** Maps all of memory in the three windows. */
export function mapMemory(p: Platform, root: number): Outcome<null> {
  const full = memEncryption(p) && p.config.sme === 'full';
  const windows = [
    [WINDOWS.mapped, full],
    [WINDOWS['0'], false],
    [WINDOWS['1'], memEncryption(p)],
  ] as const;
  for (const [base, c] of windows) {
    for (const { at, count, unit } of pieces(p.config)) {
      const mapped = mapRange(p, root, base + at, at, count, unit, c);
      if (!mapped.ok) return mapped;
    }
  }
  return DONE;
}
