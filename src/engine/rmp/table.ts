import { BLOCK_SIZE, LARGE_PAGE_SIZE, PAGE_SIZE, pageBase } from '../core/address';
import { bytesEqual } from '../core/bytes';
import type { Platform } from '../core/platform';
import type { RmpCell } from '../core/rmpCells';
import { countPages } from './counters';
import { EMPTY, ENTRY_BYTES, PLACEHOLDER, packEntry, packInto, type RmpEntry, unpackEntry } from './entry';
import { entryIn } from './pageState';
import { BOOKKEEPING_BYTES, coveredBytes, entryAddress } from './place';
import {
  entryInSegment,
  SEGMENT_CPUID,
  SEGMENT_ENTRY_BYTES,
  segmentCount,
  segmentIndex,
  segmentLimits,
  unpackSegment,
} from './segments';
import { loadTable, storeTable } from './store';

/**
 * The table as it lies in DRAM. Every write keeps its books: the count of assigned pages in the entry of the first page of
 * each 2 MiB, and the counters of the ASIDs. Who may write what is decided elsewhere.
 */

/** Is SNP enabled on the cores, so that accesses are checked? SYSCFG.SecureNestedPagingEn. */
export const snpEnabled = (p: Platform): boolean => p.state.cell('syscfg')?.snpEn === true;

export const headOf = (spa: number): number => spa - (spa % LARGE_PAGE_SIZE);
const pageIndex = (spa: number): number => (spa % LARGE_PAGE_SIZE) / PAGE_SIZE;

/** SPA of the entry of a page; null: the page is not covered. */
export function entryPlace(p: Platform, spa: number): number | null {
  const cell = p.state.cell('rmp');
  if (!cell) return null;
  if (cell.segmentBits !== null) return placeBySegment(p, cell, cell.segmentBits, spa);
  return spa < coveredBytes(cell) ? entryAddress(cell.base, spa) : null;
}

function placeBySegment(p: Platform, { base }: RmpCell, segmentBits: number, spa: number): number | null {
  const index = segmentIndex(spa, segmentBits);
  if (index >= segmentCount(segmentLimits(SEGMENT_CPUID[p.config.generation]))) return null;
  const at = base + BOOKKEEPING_BYTES + index * SEGMENT_ENTRY_BYTES;
  const block = at - (at % BLOCK_SIZE);
  return entryInSegment(unpackSegment(loadTable(p, block, BLOCK_SIZE), at - block), segmentBits, spa);
}

/** The entry of a page of 4 KiB, as it is stored; null: the page is not covered, and the hypervisor’s for ever. */
export function readEntry(p: Platform, spa: number): RmpEntry | null {
  const at = entryPlace(p, spa);
  return at === null ? null : unpackEntry(loadTable(p, at, ENTRY_BYTES));
}

/**
 * The entry that speaks for a page: that of its 2 MiB when they are one large page, else its own (that hardware consults the
 * first one is modelled: a placeholder would make every piece of a large page look foreign).
 */
export function authoritative(p: Platform, spa: number): RmpEntry | null {
  const own = readEntry(p, spa);
  if (!own || pageIndex(spa) < 1) return own;
  const head = readEntry(p, headOf(spa));
  return head?.assigned && head.large ? head : own;
}

/** The 512 entries of the 2 MiB that hold an address. @throws Error when they are not covered: a bug of ours. */
function regionAt(p: Platform, spa: number): { readonly at: number; readonly bytes: Uint8Array } {
  const at = entryPlace(p, headOf(spa));
  if (at === null) throw new Error(`no entry covers 0x${spa.toString(16)}`);
  return { at, bytes: loadTable(p, at, (LARGE_PAGE_SIZE / PAGE_SIZE) * ENTRY_BYTES) };
}

/** The entries of the 2 MiB that hold an address, in order. @throws Error when they are not covered: a bug of ours. */
export function regionEntries(p: Platform, spa: number): RmpEntry[] {
  const { bytes } = regionAt(p, spa);
  return Array.from({ length: bytes.length / ENTRY_BYTES }, (_, i) => unpackEntry(bytes, i * ENTRY_BYTES));
}

/**
 * Replaces entries of the 2 MiB that hold an address; `change` gets each one with its place, 0 to 511.
 * @throws Error when they are not covered: a bug of ours.
 */
export function changeRegion(
  p: Platform,
  spa: number,
  change: (entry: RmpEntry, index: number) => RmpEntry,
): void {
  const { at, bytes } = regionAt(p, spa);
  const after = new Uint8Array(bytes);
  const owned = new Map<number, number>();
  const count = (asid: number, by: number) => owned.set(asid, (owned.get(asid) ?? 0) + by);
  let assigned = 0;
  let head = EMPTY;
  for (let index = 0; index < after.length / ENTRY_BYTES; index++) {
    const old = unpackEntry(bytes, index * ENTRY_BYTES);
    const entry = change(old, index);
    count(old.asid, -1);
    count(entry.asid, 1);
    if (index === 0) head = entry;
    else assigned += Number(entry.assigned);
    packInto(after, index * ENTRY_BYTES, { ...entry, subPageCount: 0 });
  }
  packInto(after, 0, { ...head, subPageCount: head.large ? 0 : assigned });
  storeChanged(p, at, bytes, after);
  for (const [asid, by] of owned) countPages(p, asid, by);
}

/** Stores the run of entries from the first to the last that differs. */
function storeChanged(p: Platform, at: number, before: Uint8Array, after: Uint8Array): void {
  const same = (i: number) =>
    bytesEqual(before.subarray(i, i + ENTRY_BYTES), after.subarray(i, i + ENTRY_BYTES));
  let first = 0;
  let end = after.length;
  while (first < end && same(first)) first += ENTRY_BYTES;
  while (end > first && same(end - ENTRY_BYTES)) end -= ENTRY_BYTES;
  if (end > first) storeTable(p, at + first, after.subarray(first, end));
}

/**
 * Writes the entry of the page that holds an address; its `subPageCount` is not looked at. A large entry takes its whole 2 MiB; one of 4 KiB can
 * replace a large one only by unassigning it, which empties the 2 MiB.
 * @throws Error for a page that is not covered, or a piece of a large page: a bug of ours.
 */
export function writeEntry(p: Platform, address: number, entry: RmpEntry): void {
  const spa = pageBase(address);
  const at = entryPlace(p, spa);
  const before = readEntry(p, spa);
  if (at === null || !before || (entry.large && spa !== headOf(spa)))
    throw new Error(`no such entry at 0x${spa.toString(16)}`);
  if (entry.large === before.large) writeAlike(p, spa, at, before, entry);
  else if (entry.large) changeRegion(p, spa, (_, index) => (index === 0 ? entry : PLACEHOLDER));
  else if (!entry.assigned) changeRegion(p, spa, (_, index) => (index === 0 ? entry : EMPTY));
  else throw new Error(`0x${spa.toString(16)} belongs to a large page`);
}

/** An entry that keeps its size. */
function writeAlike(p: Platform, spa: number, at: number, before: RmpEntry, entry: RmpEntry): void {
  const first = headOf(spa);
  const head = spa === first ? null : readEntry(p, first);
  if (head?.large) throw new Error(`0x${spa.toString(16)} belongs to a large page`);
  storeTable(p, at, packEntry({ ...entry, subPageCount: before.subPageCount }));
  const change = Number(entry.assigned) - Number(before.assigned);
  if (head && change !== 0) countAssigned(p, first, head, change);
  if (entry.asid === before.asid) return;
  countPages(p, before.asid, -1);
  countPages(p, entry.asid, 1);
}

function countAssigned(p: Platform, spa: number, head: RmpEntry, change: number): void {
  const at = entryPlace(p, spa);
  if (at !== null) storeTable(p, at, packEntry({ ...head, subPageCount: head.subPageCount + change }));
}

/** Splits a large page into 512 of 4 KiB with consecutive GPAs, all else as it was. @throws Error for a bug of ours. */
export function splitLarge(p: Platform, spa: number): void {
  const head = readEntry(p, spa);
  if (!head?.large || spa !== headOf(spa)) throw new Error(`no large page at 0x${spa.toString(16)}`);
  changeRegion(p, spa, (_, index) => ({ ...head, large: false, gpa: head.gpa + index * PAGE_SIZE }));
}

/**
 * Joins 512 pages of 4 KiB into a large one. The entries behind the first become placeholders, of which only what makes them
 * so is written (AMD-ASPFW snp_mcmd_page_unsmash).
 */
export function joinSmall(p: Platform, spa: number): void {
  changeRegion(p, spa, (entry, index) =>
    index === 0
      ? { ...entry, large: true }
      : { ...entry, assigned: true, asid: 0, immutable: false, lock: false },
  );
}

/** Writes the same entry of 4 KiB for every covered page of a range; `from` and `to` are multiples of 4096. */
function fillRange(p: Platform, from: number, to: number, entry: RmpEntry): void {
  for (let head = headOf(from); head < to; head += LARGE_PAGE_SIZE) {
    if (entryPlace(p, head) === null) continue;
    changeRegion(p, head, (old, index) => {
      const page = head + index * PAGE_SIZE;
      return page >= from && page < to ? entry : old;
    });
  }
}

/** The table protects itself: the pages in which it lies become the firmware’s (AMD-ASPFW sev_rmp.c: configure_rmp). */
export function protectTable(p: Platform): void {
  const { base, end } = p.state.need('rmp');
  fillRange(p, base, end + 1, entryIn('Firmware'));
}
