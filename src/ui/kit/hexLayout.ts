import { type RefObject, useLayoutEffect, useState } from 'react';
import { useTheme } from '../theme/useTheme';

/** How rows of bytes are laid out. `tight`: the characters stand below their digits. */
export interface HexLayout {
  readonly columns: number;
  readonly tight: boolean;
}

/** Characters that a row takes: address, digits, text, and the gaps between them. */
const rowWidth = (columns: number): number => 3 + 1 + 3 * columns + 1 + columns;

/** The widest row that fits into so many characters; the tight one is drawn smaller. */
export function hexLayout(characters: number): HexLayout {
  if (characters >= rowWidth(16)) return { columns: 16, tight: false };
  if (characters >= rowWidth(8)) return { columns: 8, tight: false };
  return { columns: 8, tight: true };
}

/** How many characters of text a row of that layout shows when the digits are left out. */
export const textColumns = ({ columns, tight }: HexLayout): number => (tight ? 16 : 4 * columns);

/** The layout that fits into a box, whatever its type size, and again when it is resized. */
export function useHexLayout(box: RefObject<HTMLElement | null>): HexLayout {
  const theme = useTheme();
  const [layout, setLayout] = useState<HexLayout>({ columns: 8, tight: false });
  // biome-ignore lint/correctness/useExhaustiveDependencies: a theme may change the type size
  useLayoutEffect(() => {
    const element = box.current;
    if (!element) return;
    const measure = (): void => {
      const style = getComputedStyle(element);
      const inner =
        element.clientWidth - Number.parseFloat(style.paddingLeft) - Number.parseFloat(style.paddingRight);
      const next = hexLayout(inner / characterWidth(style));
      setLayout((old) => (old.columns === next.columns && old.tight === next.tight ? old : next));
    };
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    measure();
    return () => observer.disconnect();
  }, [box, theme]);
  return layout;
}

function characterWidth(style: CSSStyleDeclaration): number {
  const context = document.createElement('canvas').getContext('2d');
  if (!context) return 8;
  context.font = `${style.fontSize} ${style.fontFamily}`;
  return context.measureText('0').width || 8;
}
