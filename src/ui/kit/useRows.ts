import { useVirtualizer } from '@tanstack/react-virtual';
import { type RefObject, useCallback, useEffect } from 'react';
import { useTheme } from '../theme/useTheme';

interface Row {
  readonly index: number;
  readonly top: number;
}

interface Rows {
  readonly rows: readonly Row[];
  /** Height of all rows together, in pixels. */
  readonly height: number;
  /** Brings a row into sight. */
  readonly show: (index: number) => void;
}

/** The rows of a long list that are in sight; all have the same height in rem, which grows with the theme's type size. */
export function useRows(box: RefObject<HTMLElement | null>, count: number, rem: number): Rows {
  useTheme();
  const size = rem * Number.parseFloat(getComputedStyle(document.documentElement).fontSize);
  const virtual = useVirtualizer({
    count,
    getScrollElement: () => box.current,
    estimateSize: () => size,
    overscan: 4,
  });
  useEffect(() => virtual.measure(), [virtual, size]);
  return {
    rows: virtual.getVirtualItems().map(({ index, start }) => ({ index, top: start })),
    height: virtual.getTotalSize(),
    show: useCallback((index: number) => virtual.scrollToIndex(index), [virtual]),
  };
}
