import { canonicalJson } from '../../history/canonical';
import type { Comparison, Difference } from '../../history/compare';
import type { CompareView } from '../protocol';

const SHOWN = 300;

/** A comparison of two moments, cut to what a person can read. */
export function compareView(
  a: number,
  b: number,
  { pages, dram, lines, entries, cells }: Comparison,
): CompareView {
  const other = [...texts('cache', lines), ...texts('tlb', entries), ...texts('cell', cells)];
  return {
    a,
    b,
    pages: pages.slice(0, 4096),
    dram: dram.slice(0, SHOWN).map(({ address, before, after }) => ({
      address,
      length: after.length,
      before: before.slice(0, 64),
      after: after.slice(0, 64),
    })),
    other: other.slice(0, SHOWN),
  };
}

const texts = (store: string, differences: readonly Difference<object>[]): CompareView['other'][number][] =>
  differences.map(({ key, before, after }) => ({ store, key, before: text(before), after: text(after) }));

const text = (value: object | null): string => (value === null ? '' : canonicalJson(value).slice(0, 400));
