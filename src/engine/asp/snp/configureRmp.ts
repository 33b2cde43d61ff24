import { alignUp, HUGE_PAGE_SIZE, LARGE_PAGE_SIZE, PAGE_SIZE, pfnOf } from '../../core/address';
import type { Rule } from '../../core/fault';
import { pageKey } from '../../core/page';
import type { Platform } from '../../core/platform';
import { memoryMap } from '../../memory/regions';
import { isLost } from '../../memory/routes';
import { ENTRY_BYTES, packInto, type RmpEntry } from '../../rmp/entry';
import { entryIn } from '../../rmp/pageState';
import { BOOKKEEPING_BYTES, coveredBytes } from '../../rmp/place';
import { storeTable } from '../../rmp/store';
import { entryPlace } from '../../rmp/table';
import { withoutRanges } from './rangeList';
import type { PageRange } from './tableRanges';
import { tableRanges } from './tableRanges';

const BUILT: Rule = {
  id: 'asp.snp-rmp-built',
  says: 'SNP_INIT writes the whole RMP: DRAM belongs to the hypervisor, what is no DRAM and what is listed to it for ever (HV-fixed), and the RMP’s own pages to the firmware.',
  source: 'AMD-ASPFW sev_rmp.c (configure_rmp)',
  standing: 'published',
};

/** What old parts used for HyperTransport (AMD-ASPFW sev_rmp.c: add_known_hvfixed_ranges). */
export const HYPER_TRANSPORT: PageRange = { start: 0xfd_0000_0000, end: 0xfe_0000_0000 };

/** Which pages are what; a page in several is the first of them. */
interface Plan {
  readonly own: readonly PageRange[];
  readonly fixed: readonly PageRange[];
  readonly dram: readonly PageRange[];
}

const ENTRIES = {
  firmware: entryIn('Firmware'),
  fixed: entryIn('HV-fixed'),
  hypervisor: entryIn('Hypervisor'),
} as const;

const touches = (ranges: readonly PageRange[], start: number, end: number): boolean =>
  ranges.some((range) => end > range.start && start < range.end);

const within = (ranges: readonly PageRange[], start: number, end: number): boolean =>
  ranges.some((range) => start >= range.start && end <= range.end);

function entryOf({ own, fixed, dram }: Plan, page: number): RmpEntry {
  const end = page + PAGE_SIZE;
  if (touches(own, page, end)) return ENTRIES.firmware;
  return within(dram, page, end) && !touches(fixed, page, end) ? ENTRIES.hypervisor : ENTRIES.fixed;
}

/** The entry that all pages of a range have, or null where they differ. */
function commonEntry({ own, fixed, dram }: Plan, start: number, end: number): RmpEntry | null {
  if (within(own, start, end)) return ENTRIES.firmware;
  if (touches(own, start, end)) return null;
  if (within(fixed, start, end) || !touches(dram, start, end)) return ENTRIES.fixed;
  return within(dram, start, end) && !touches(fixed, start, end) ? ENTRIES.hypervisor : null;
}

/** Bytes of memory that have entries, counted from SPA 0 on; with segments there may be holes before the end. */
function coveredEnd(p: Platform): number {
  const cell = p.state.need('rmp');
  if (cell.segmentBits === null) return coveredBytes(cell);
  return alignUp(Math.max(...memoryMap(p.config).map(({ base, size }) => base + size)), LARGE_PAGE_SIZE);
}

/**
 * Writes every entry, 2 MiB at a time, and the bookkeeping before them.
 * @param listed pages that the host wants to keep for itself for ever.
 */
export function configureRmp(p: Platform, listed: readonly PageRange[]): void {
  const { base, end: last } = p.state.need('rmp');
  const own = tableRanges(p);
  const dram = memoryMap(p.config)
    .filter(({ kind }) => kind === 'dram')
    .map((region) => ({ start: region.base, end: region.base + region.size }));
  const plan: Plan = { own, fixed: [...withoutRanges(listed, own), HYPER_TRANSPORT], dram };
  p.trace.fact('note', { what: 'RMP built', base, end: last }, BUILT);
  const end = coveredEnd(p);
  const known = new Map<RmpEntry, Uint8Array>();
  // The entries of 1 GiB lie behind each other in one table and in segments, which are of whole GiB.
  for (let from = 0; from < end; from += HUGE_PAGE_SIZE) {
    const at = entryPlace(p, from);
    if (at === null) continue;
    const to = Math.min(end, from + HUGE_PAGE_SIZE);
    for (let start = from; start < to; start += LARGE_PAGE_SIZE)
      writeRegion(p, plan, known, {
        start,
        end: Math.min(to, start + LARGE_PAGE_SIZE),
        at: at + ((start - from) / PAGE_SIZE) * ENTRY_BYTES,
      });
  }
  storeTable(p, base, new Uint8Array(BOOKKEEPING_BYTES));
}

/** The entries of 2 MiB, whatever was there before; `known` keeps those of regions whose pages are all alike. */
function writeRegion(
  p: Platform,
  plan: Plan,
  known: Map<RmpEntry, Uint8Array>,
  { start, end, at }: PageRange & { readonly at: number },
): void {
  const entry = commonEntry(plan, start, end);
  if (entry === ENTRIES.hypervisor && neverWritten(p, at, end - start)) return;
  const alike = entry !== null && end - start === LARGE_PAGE_SIZE;
  const bytes = (alike && known.get(entry)) || entriesOf(plan, start, end);
  if (alike) known.set(entry, bytes);
  if (!isLost(p, at, bytes.length)) storeTable(p, at, bytes);
}

/** Was no byte of the entries of so many bytes of memory ever written? */
function neverWritten(p: Platform, at: number, covered: number): boolean {
  const last = pfnOf(at + (covered / PAGE_SIZE) * ENTRY_BYTES - 1);
  for (let page = pfnOf(at); page <= last; page++)
    if (
      p.state.dram.pages.has(pfnOf(p.state.dram.cellOf(page * PAGE_SIZE))) ||
      pageKey(p.state.pages.get(page)) !== 0
    )
      return false;
  return true;
}

/** The entries of at most 2 MiB as they lie in memory; the first one counts how many of the others are assigned. */
function entriesOf(plan: Plan, start: number, end: number): Uint8Array {
  const bytes = new Uint8Array(((end - start) / PAGE_SIZE) * ENTRY_BYTES);
  let subPageCount = 0;
  for (let page = start + PAGE_SIZE; page < end; page += PAGE_SIZE) {
    const entry = entryOf(plan, page);
    subPageCount += Number(entry.assigned);
    packInto(bytes, ((page - start) / PAGE_SIZE) * ENTRY_BYTES, entry);
  }
  packInto(bytes, 0, { ...entryOf(plan, start), subPageCount });
  return bytes;
}
