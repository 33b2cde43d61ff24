import { PAGE_SIZE } from '../../core/address';
import type { Platform } from '../../core/platform';
import { BOOKKEEPING_BYTES } from '../../rmp/place';
import { segmentBytes } from '../../rmp/segments';
import { readSegments } from '../../rmp/segmentTable';

/** Pages beside each other, by SPAs of the first byte and of the byte behind the last. */
export interface PageRange {
  readonly start: number;
  readonly end: number;
}

/**
 * Memory in which the RMP lies: from RMP_BASE to RMP_END, or with segments the bookkeeping, the table of segments and the
 * entries of each (that the firmware treats these alike is modelled: the firmware that knows segments is not published).
 */
export function tableRanges(p: Platform): PageRange[] {
  const cell = p.state.cell('rmp');
  if (!cell) return [];
  if (cell.segmentBits === null) return [{ start: cell.base, end: cell.end + 1 }];
  const table = cell.base + BOOKKEEPING_BYTES;
  const ranges: PageRange[] = [{ start: cell.base, end: table + PAGE_SIZE }];
  for (const { base, covered } of readSegments(p, cell))
    if (covered > 0) ranges.push({ start: base, end: base + segmentBytes(covered) });
  return ranges;
}
