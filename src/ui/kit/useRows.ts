import { useVirtualizer } from '@tanstack/react-virtual';
import { type RefObject, useCallback, useEffect } from 'react';
import { useTheme } from '../theme/useTheme';

export interface Rows {
  /** Numbers of the rows in sight. */
  readonly rows: readonly number[];
  /** Pixels of rows that are not drawn, above and below. */
  readonly before: number;
  readonly after: number;
  /** Brings a row into sight. */
  readonly show: (index: number) => void;
  /** The same, with what lies around it. */
  readonly center: (index: number) => void;
}

/** The rows of a long table that are in sight; all have the same height in rem, which grows with the theme's type size. */
export function useRows(box: RefObject<HTMLElement | null>, count: number, rem: number): Rows {
  useTheme();
  const size = rem * Number.parseFloat(getComputedStyle(document.documentElement).fontSize);
  const virtual = useVirtualizer({
    count,
    getScrollElement: () => box.current,
    estimateSize: () => size,
    overscan: 4,
  });
  // biome-ignore lint/correctness/useExhaustiveDependencies: what was measured holds for one row height only
  useEffect(() => virtual.measure(), [virtual, size]);
  const items = virtual.getVirtualItems();
  return {
    rows: items.map(({ index }) => index),
    before: items[0]?.start ?? 0,
    after: virtual.getTotalSize() - (items.at(-1)?.end ?? 0),
    show: useCallback((index: number) => virtual.scrollToIndex(index), [virtual]),
    center: useCallback((index: number) => virtual.scrollToIndex(index, { align: 'center' }), [virtual]),
  };
}
