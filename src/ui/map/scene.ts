import type { CellRange, MapView } from './layout';
import type { MapModel } from './model';
import type { PageBytes } from './pageBytes';
import type { Sprites } from './sprites';
import type { Surfaces } from './surfaces';
import type { MapTheme } from './theme';
import type { MapArrow, MapNames, MapRegion } from './types';

export type Context = CanvasRenderingContext2D;

/** One frame's worth of everything. All lengths are device pixels. */
export interface Scene {
  readonly context: Context;
  readonly model: MapModel;
  readonly theme: MapTheme;
  readonly view: MapView;
  readonly width: number;
  readonly height: number;
  /** Device pixels a CSS pixel, times the size of the theme: the unit for type, marks and lines. */
  readonly unit: number;
  /** Device pixels a CSS pixel: the unit for the steps of detail. */
  readonly ratio: number;
  readonly cells: CellRange;
  readonly surfaces: Surfaces;
  readonly sprites: Sprites;
  readonly bytes: PageBytes;
  readonly regions: readonly MapRegion[];
  readonly arrows: readonly MapArrow[];
  readonly names: MapNames;
  readonly selection: number | null;
  readonly cursor: number | null;
  readonly hovered: number | null;
  readonly now: number;
  /** Nothing may move by itself. */
  readonly still: boolean;
}

/** CSS pixels a cell from which each kind of detail is drawn. */
export const DETAIL = { gaps: 6, patterns: 12, lock: 26, label: 60, blocks: 200, hex: 1000 } as const;

/** More cells than this are never drawn one by one. */
const MOST_CELLS = 4096;

export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** A cell on whole pixels, so that neighbours meet exactly. */
export function boxOf(view: MapView, column: number, row: number): Box {
  const x = Math.round(view.x + column * view.scale);
  const y = Math.round(view.y + row * view.scale);
  return {
    x,
    y,
    width: Math.round(view.x + (column + 1) * view.scale) - x,
    height: Math.round(view.y + (row + 1) * view.scale) - y,
  };
}

/** Visits every visible page, if they are few enough to draw one by one. */
export function forEachVisible(scene: Scene, visit: (pfn: number, word: number, box: Box) => void): void {
  const { cells, model, view } = scene;
  if ((cells.right - cells.left) * (cells.bottom - cells.top) > MOST_CELLS) return;
  const { columns, pageCount } = model.layout;
  for (let row = cells.top; row < cells.bottom; row++)
    for (let column = cells.left; column < cells.right; column++) {
      const pfn = row * columns + column;
      if (pfn < pageCount) visit(pfn, model.source.word(pfn), boxOf(view, column, row));
    }
}
