import { PAGE_SIZE } from '../../core/address';
import { readU32, readU64 } from '../../core/bytes';
import type { Platform } from '../../core/platform';
import { type RawAddress, readHost } from '../memory';
import { spaOf } from './pages';
import type { PageRange } from './tableRanges';

const HEAD = 8;
const ITEM = 16;
const MOST = 255;

/** The structure fills at most the page in which it begins. */
const LIST_BYTES = PAGE_SIZE;

/**
 * A list of ranges as SNP_INIT_EX and SNP_PAGE_SET_STATE take it: count, reserved, then base, pages and reserved of each. Null
 * for a list that the firmware refuses (AMD-ASPFW sev_rmp.c: walk_reserved_list).
 * @param unit what each base has to be a multiple of.
 */
export function readRanges(p: Platform, raw: RawAddress, unit: number): PageRange[] | null {
  const bytes = readHost(p, raw, LIST_BYTES);
  const count = readU32(bytes, 0);
  if (readU32(bytes, 4) !== 0 || count > MOST) return null;
  if (count * ITEM + HEAD + (spaOf(p, raw) % PAGE_SIZE) > PAGE_SIZE) return null;
  const ranges: PageRange[] = [];
  for (let at = HEAD; at < HEAD + count * ITEM; at += ITEM) {
    const start = spaOf(p, readU64(bytes, at));
    if (readU32(bytes, at + 12) !== 0 || start % unit !== 0) return null;
    const end = start + readU32(bytes, at + 8) * PAGE_SIZE;
    if (end > start) ranges.push({ start, end });
  }
  return ranges;
}

/** What is left of ranges outside others. */
export const withoutRanges = (ranges: readonly PageRange[], others: readonly PageRange[]): PageRange[] =>
  others.reduce<PageRange[]>(
    (left, { start, end }) =>
      left
        .flatMap((range) => [
          { start: range.start, end: Math.min(range.end, start) },
          { start: Math.max(range.start, end), end: range.end },
        ])
        .filter((range) => range.end > range.start),
    [...ranges],
  );

/** Ranges that touch an earlier one are left out: so the published code adds ranges of one kind (AMD-ASPFW sev_rmp.c: add_range). */
export function besideEachOther(ranges: readonly PageRange[]): PageRange[] {
  const kept: PageRange[] = [];
  for (const range of ranges)
    if (!kept.some((other) => range.start < other.end && other.start < range.end)) kept.push(range);
  return kept;
}
