import type { Change } from '../../../engine/core/change';
import type { Journal } from '../../../history/journal';
import type { StackCallView } from '../../protocol';
import { changeView } from '../changes';

const MOST_PAGES = 24;
const MOST_RECORDS = 12;
/** Changes that are looked through. */
const MOST_CHANGES = 200_000;

/** One and many. */
const KINDS: Readonly<Partial<Record<Change['store'], readonly [string, string]>>> = {
  dram: ['write to DRAM', 'writes to DRAM'],
  page: ['page state', 'page states'],
  cache: ['cache line', 'cache lines'],
  tlb: ['TLB entry', 'TLB entries'],
  cell: ['record', 'records'],
  fact: ['reading, check or note', 'readings, checks and notes'],
};

/** The page whose bytes or state a change changes; facts only tell of some. */
function pageOf(change: Change): number | null {
  if (change.store === 'dram') return Math.floor(change.address / 4096);
  return change.store === 'page' ? change.pfn : null;
}

/** How much of what changed between two changes, which pages, and which records. */
export function insideView(journal: Journal, from: number, to: number): StackCallView {
  const first = Math.max(from, journal.firstKept);
  const last = Math.min(to, journal.length, first + MOST_CHANGES);
  const kinds = new Map<Change['store'], number>();
  const pages = new Set<number>();
  const records: { change: number; title: string }[] = [];
  for (let index = first; index < last; index++) {
    const change = journal.at(index);
    kinds.set(change.store, (kinds.get(change.store) ?? 0) + 1);
    const page = pageOf(change);
    if (page !== null) pages.add(page);
    if (change.store === 'cell' && change.key !== 'mailbox/0' && records.length < MOST_RECORDS)
      records.push({ change: index, title: changeView(change, index).title });
  }
  return {
    count: Math.max(0, to - from),
    kinds: [...kinds]
      .map(([store, count]) => ({ kind: KINDS[store]?.[count === 1 ? 0 : 1] ?? store, count }))
      .sort((a, b) => b.count - a.count),
    pages: [...pages].sort((a, b) => a - b).slice(0, MOST_PAGES),
    pageCount: pages.size,
    records,
    partly: first > from || last < to,
  };
}
