import { PAGE_SIZE, type Spa, spa } from '../engine/core/address';
import type { CacheLine, Change, TlbEntry } from '../engine/core/change';
import { canonicalJson } from './canonical';
import type { Engine } from './engine';
import type { Timeline } from './timeline';

/** What differs between two moments; `before` is the first one named, whichever came earlier. */
export interface Comparison {
  /** Packed page words (see `engine/core/page.ts`), by page number. */
  readonly pages: readonly { readonly pfn: number; readonly before: number; readonly after: number }[];
  /** Longest runs of bytes that all differ, each within one page, by address. */
  readonly dram: readonly DramRange[];
  readonly lines: readonly Difference<CacheLine>[];
  readonly entries: readonly Difference<TlbEntry>[];
  readonly cells: readonly Difference<object>[];
}

export interface DramRange {
  readonly address: Spa;
  readonly before: Uint8Array;
  readonly after: Uint8Array;
}

/** `key` is a cell's key, or the number of the cache or TLB and the slot in it: `0:1f40/2`. */
export interface Difference<V> {
  readonly key: string;
  readonly before: V | null;
  readonly after: V | null;
}

interface Pair<V> {
  readonly before: V;
  after: V;
}

/** The bytes of one page that some change touched, as they were and as they became. */
interface PageBytes {
  readonly touched: Uint8Array;
  readonly before: Uint8Array;
  readonly after: Uint8Array;
}

/** The first `before` and the last `after` of everything that a run of changes touches. */
class Fold {
  readonly pages = new Map<number, Pair<number>>();
  readonly dram = new Map<number, PageBytes>();
  readonly lines = new Map<string, Pair<CacheLine | null>>();
  readonly entries = new Map<string, Pair<TlbEntry | null>>();
  readonly cells = new Map<string, Pair<object | null>>();

  add(change: Change): void {
    switch (change.store) {
      case 'page':
        keep(this.pages, change.pfn, change.before, change.after);
        break;
      case 'dram':
        this.addBytes(change.address, change.before, change.after);
        break;
      case 'cache':
        keep(this.lines, `${change.complex}:${change.slot}`, change.before, change.after);
        break;
      case 'tlb':
        keep(this.entries, `${change.core}:${change.slot}`, change.before, change.after);
        break;
      case 'cell':
        keep(this.cells, change.key, change.before, change.after);
        break;
      case 'far':
      case 'fact':
        break;
    }
  }

  private addBytes(address: number, before: Uint8Array, after: Uint8Array): void {
    for (let done = 0; done < after.length; ) {
      const offset = (address + done) % PAGE_SIZE;
      const page = this.page((address + done - offset) / PAGE_SIZE);
      const take = Math.min(PAGE_SIZE - offset, after.length - done);
      for (let n = 0; n < take; n++) {
        if (page.touched[offset + n] === 0) page.before[offset + n] = before[done + n]!;
      }
      page.touched.fill(1, offset, offset + take);
      page.after.set(after.subarray(done, done + take), offset);
      done += take;
    }
  }

  private page(number: number): PageBytes {
    let page = this.dram.get(number);
    if (!page) {
      const blank = () => new Uint8Array(PAGE_SIZE);
      page = { touched: blank(), before: blank(), after: blank() };
      this.dram.set(number, page);
    }
    return page;
  }
}

/** Folds the changes between two moments; the timeline is somewhere afterwards. */
export function compareChanges<A, E extends Engine<A>>(
  timeline: Timeline<A, E>,
  a: number,
  b: number,
): Comparison {
  const fold = new Fold();
  for (let index = Math.min(a, b); index < Math.max(a, b); index++) {
    timeline.keep(index);
    fold.add(timeline.journal.at(index));
  }
  const turned = a > b;
  const turn = <V>(pair: Pair<V>) => (turned ? { before: pair.after, after: pair.before } : pair);
  const differences = <V>(pairs: Map<string, Pair<V | null>>): Difference<V>[] =>
    sorted(pairs)
      .filter(([, pair]) => canonicalJson(pair.before) !== canonicalJson(pair.after))
      .map(([key, pair]) => ({ key, ...turn(pair) }));
  return {
    pages: sorted(fold.pages)
      .filter(([, pair]) => pair.before !== pair.after)
      .map(([pfn, pair]) => ({ pfn, ...turn(pair) })),
    dram: sorted(fold.dram)
      .flatMap(([number, page]) => ranges(number * PAGE_SIZE, page))
      .map(({ address, ...pair }) => ({ address, ...turn(pair) })),
    lines: differences(fold.lines),
    entries: differences(fold.entries),
    cells: differences(fold.cells),
  };
}

function keep<K, V>(map: Map<K, Pair<V>>, key: K, before: V, after: V): void {
  const pair = map.get(key);
  if (pair) pair.after = after;
  else map.set(key, { before, after });
}

const sorted = <K extends string | number, V>(map: Map<K, V>): [K, V][] =>
  [...map].sort(([a], [b]) => (a < b ? -1 : 1));

function ranges(base: number, page: PageBytes): DramRange[] {
  const found: DramRange[] = [];
  let start = 0;
  for (let n = 0; n <= PAGE_SIZE; n++) {
    if (n < PAGE_SIZE && page.before[n] !== page.after[n]) continue;
    if (n > start) {
      const [before, after] = [page.before.slice(start, n), page.after.slice(start, n)];
      found.push({ address: spa(base + start), before, after });
    }
    start = n + 1;
  }
  return found;
}
