import { PAGE_SIZE } from '../core/address';
import type { Platform } from '../core/platform';
import type { RmpCell } from '../core/rmpCells';
import { BOOKKEEPING_BYTES } from './place';
import {
  SEGMENT_CPUID,
  SEGMENT_ENTRY_BYTES,
  type Segment,
  segmentCount,
  segmentLimits,
  unpackSegment,
} from './segments';
import { loadTable } from './store';

/** Every segment that the processor looks at, as the page behind the bookkeeping says. */
export function readSegments(p: Platform, { base }: Pick<RmpCell, 'base'>): Segment[] {
  const bytes = loadTable(p, base + BOOKKEEPING_BYTES, PAGE_SIZE);
  const count = segmentCount(segmentLimits(SEGMENT_CPUID[p.config.generation]));
  return Array.from({ length: count }, (_, i) => unpackSegment(bytes, i * SEGMENT_ENTRY_BYTES));
}
