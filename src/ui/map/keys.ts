import { cellOf, type MapLayout } from './layout';

/** What a key asks of the map. */
export type MapCommand =
  | { readonly kind: 'move'; readonly to: number }
  | { readonly kind: 'select' }
  | { readonly kind: 'zoom'; readonly factor: number }
  | { readonly kind: 'fit' };

export interface KeyStroke {
  readonly key: string;
  readonly shiftKey: boolean;
  readonly ctrlKey: boolean;
  readonly altKey: boolean;
  readonly metaKey: boolean;
}

const ZOOM_STEP = 1.6;
const LEAP = 16;

/** `cursor` is the page the reader is on; `screenful` the rows that fit on the panel. Null: not a key of the map. */
export function commandOf(
  stroke: KeyStroke,
  cursor: number,
  layout: MapLayout,
  screenful: number,
): MapCommand | null {
  if (stroke.altKey || stroke.metaKey) return null;
  const { column, row } = cellOf(layout, cursor);
  const { columns, rows, pageCount } = layout;
  const leap = stroke.shiftKey ? LEAP : 1;
  const to = (toColumn: number, toRow: number): MapCommand => {
    const c = Math.max(0, Math.min(columns - 1, toColumn));
    const r = Math.max(0, Math.min(rows - 1, toRow));
    return { kind: 'move', to: Math.min(pageCount - 1, r * columns + c) };
  };
  switch (stroke.key) {
    case 'ArrowLeft':
      return to(column - leap, row);
    case 'ArrowRight':
      return to(column + leap, row);
    case 'ArrowUp':
      return to(column, row - leap);
    case 'ArrowDown':
      return to(column, row + leap);
    case 'PageUp':
      return to(column, row - screenful);
    case 'PageDown':
      return to(column, row + screenful);
    case 'Home':
      return stroke.ctrlKey ? to(0, 0) : to(0, row);
    case 'End':
      return stroke.ctrlKey ? to(columns - 1, rows - 1) : to(columns - 1, row);
    case 'Enter':
    case ' ':
      return { kind: 'select' };
    case '+':
    case '=':
      return stroke.ctrlKey ? null : { kind: 'zoom', factor: ZOOM_STEP };
    case '-':
      return stroke.ctrlKey ? null : { kind: 'zoom', factor: 1 / ZOOM_STEP };
    case '0':
      return stroke.ctrlKey ? null : { kind: 'fit' };
    default:
      return null;
  }
}
