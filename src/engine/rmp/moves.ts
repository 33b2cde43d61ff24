import { LARGE_PAGE_SIZE, PAGE_SIZE } from '../core/address';
import { NO_KEY } from '../core/key';
import type { Platform } from '../core/platform';
import { ENTRY_BYTES, type RmpEntry, unpackEntry } from './entry';
import { pageState } from './pageState';
import { BOOKKEEPING_BYTES, coveredBytes } from './place';
import { readSegments } from './segmentTable';
import type { PageState } from './types';

const PAGES = LARGE_PAGE_SIZE / PAGE_SIZE;

/** Entries that lie one after the other: from `at` on, those of the pages from `first` on. */
export interface EntryRun {
  readonly at: number;
  readonly first: number;
  readonly count: number;
}

/** Neighbouring pages whose states have changed in the same way. */
export interface StateMove {
  readonly first: number;
  readonly count: number;
  readonly from: PageState;
  readonly to: PageState;
}

/** Where the entries of the machine’s memory lie; nowhere without a table. */
export function entryRuns(p: Platform): EntryRun[] {
  const cell = p.state.cell('rmp');
  if (!cell) return [];
  const { base, segmentBits } = cell;
  const pages = p.config.memory / PAGE_SIZE;
  if (segmentBits === null)
    return [
      { at: base + BOOKKEEPING_BYTES, first: 0, count: Math.min(coveredBytes(cell) / PAGE_SIZE, pages) },
    ];
  return readSegments(p, cell)
    .map(({ base: at, covered }, i) => {
      const first = (i * 2 ** segmentBits) / PAGE_SIZE;
      const most = Math.min(covered, 2 ** segmentBits) / PAGE_SIZE;
      return { at, first, count: Math.min(most, Math.max(0, pages - first)) };
    })
    .filter(({ count }) => count > 0);
}

/** Bytes of DRAM before and after a change. */
export interface ChangedBytes {
  readonly address: number;
  readonly before: Uint8Array;
  readonly after: Uint8Array;
}

/** The pages whose entries some changed bytes touch; null: none. */
export function pagesTouched(
  runs: readonly EntryRun[],
  { address, after }: Pick<ChangedBytes, 'address' | 'after'>,
): { readonly first: number; readonly count: number } | null {
  for (const run of runs) {
    const from = Math.max(0, Math.floor((address - run.at) / ENTRY_BYTES));
    const to = Math.min(run.count, Math.ceil((address + after.length - run.at) / ENTRY_BYTES));
    if (to > from) return { first: run.first + from, count: to - from };
  }
  return null;
}

/** One page’s entry before and after a change, and the entries that then spoke for it. */
export interface EntryMove {
  readonly pfn: number;
  readonly before: RmpEntry;
  readonly after: RmpEntry;
}

/**
 * What some changed bytes made of each entry that they hold whole, by the entry that speaks for the page: the first one of
 * 2 MiB for all of them while it is large.
 */
export function* entryMoves(
  p: Platform,
  runs: readonly EntryRun[],
  { address, before, after }: ChangedBytes,
): Generator<EntryMove> {
  const run = runs.find(({ at, count }) => address < at + count * ENTRY_BYTES && address + after.length > at);
  if (!run) return;
  const [old, fresh] = [plain(p, address, before), plain(p, address, after)];
  const skipped =
    Math.max(0, run.at - address) || (ENTRY_BYTES - ((address - run.at) % ENTRY_BYTES)) % ENTRY_BYTES;
  let heads: { readonly before: RmpEntry; readonly after: RmpEntry } | null = null;
  for (let offset = skipped; offset + ENTRY_BYTES <= after.length; offset += ENTRY_BYTES) {
    const index = (address + offset - run.at) / ENTRY_BYTES;
    if (index >= run.count) return;
    const pfn = run.first + index;
    const own = { before: unpackEntry(old, offset), after: unpackEntry(fresh, offset) };
    if (pfn % PAGES < 1) heads = own;
    yield {
      pfn,
      before: heads?.before.large && heads.before.assigned ? heads.before : own.before,
      after: heads?.after.large && heads.after.assigned ? heads.after : own.after,
    };
  }
  if (heads?.before.large && heads.after.large && after.length - skipped < PAGES * ENTRY_BYTES)
    yield* restOfLarge(run, address + skipped, after.length - skipped, heads);
}

/** Pieces of a large page whose own entries stay as they are. */
function* restOfLarge(
  run: EntryRun,
  from: number,
  length: number,
  heads: { readonly before: RmpEntry; readonly after: RmpEntry },
): Generator<EntryMove> {
  const next = run.first + Math.floor((from + length - run.at) / ENTRY_BYTES);
  const end = Math.min(run.first + run.count, (Math.floor((next - 1) / PAGES) + 1) * PAGES);
  for (let pfn = next; pfn < end; pfn++) yield { pfn, ...heads };
}

/** The same as states, neighbours together; nothing where no state has changed. */
export function stateMoves(p: Platform, runs: readonly EntryRun[], bytes: ChangedBytes): StateMove[] {
  const moves: { first: number; count: number; from: PageState; to: PageState }[] = [];
  for (const { pfn, before, after } of entryMoves(p, runs, bytes)) {
    const [from, to] = [pageState(before), pageState(after)];
    if (from === to) continue;
    const last = moves.at(-1);
    if (last && last.first + last.count === pfn && last.from === from && last.to === to) last.count++;
    else moves.push({ first: pfn, count: 1, from, to });
  }
  return moves;
}

/** What the bytes say to the hardware: with TSME they lie encrypted, but zeros that nobody wrote are zeros. */
function plain(p: Platform, address: number, bytes: Uint8Array): Uint8Array {
  const cipher = p.cipher(NO_KEY);
  if (!cipher || address % ENTRY_BYTES !== 0 || bytes.length % ENTRY_BYTES !== 0) return bytes;
  return bytes.every((byte) => byte === 0) ? bytes : cipher.decrypt(address, bytes);
}
