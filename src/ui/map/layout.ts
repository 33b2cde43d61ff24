/**
 * Where a page is on the map and on the screen. Pages lie row by row; a *cell* is one page's place on the map, and a
 * *view* carries cells to pixels. Pure arithmetic, in whatever pixels the caller uses (CSS or device).
 */
export interface MapLayout {
  readonly pageCount: number;
  /** A round number in hexadecimal, so that addresses are easy to read off. */
  readonly columns: number;
  readonly rows: number;
}

/** `scale` pixels a cell; cell (0, 0) has its corner at (x, y). */
export interface MapView {
  readonly scale: number;
  readonly x: number;
  readonly y: number;
}

export interface Cell {
  readonly column: number;
  readonly row: number;
}

/** Cells from (left, top) up to but without (right, bottom). */
export interface CellRange {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

/** Another column count must make the cells this much larger before the map is laid out anew under a reader's eyes. */
const WORTH_CHANGING = 1.15;

export const layoutOf = (pageCount: number, columns: number): MapLayout => ({
  pageCount,
  columns,
  rows: Math.max(1, Math.ceil(pageCount / columns)),
});

/** Column counts are multiples of this, or of 256 on machines of a GiB and more. */
const UNIT = 16;
const LARGE_UNIT = 256;
const LARGE = 2 ** 18;

/**
 * The column count with the largest square cells in `width` × `height`; `current` stays unless much worse. In a map wider
 * than the machine has pages, one row of all of them.
 */
export function chooseColumns(pageCount: number, width: number, height: number, current?: number): number {
  const cell = (columns: number): number =>
    Math.min(width / columns, height / Math.ceil(pageCount / columns));
  const unit = pageCount >= LARGE ? LARGE_UNIT : UNIT;
  const ideal = Math.sqrt((pageCount * width) / height);
  const below = Math.max(unit, Math.floor(ideal / unit) * unit);
  const above = Math.min(Math.ceil(pageCount / unit) * unit, below + unit);
  const best = cell(above) > cell(below) ? above : below;
  return current !== undefined && cell(best) < cell(current) * WORTH_CHANGING ? current : best;
}

export const cellOf = (layout: MapLayout, pfn: number): Cell => {
  const row = Math.floor(pfn / layout.columns);
  return { column: pfn - row * layout.columns, row };
};

/** The page of a cell, or null outside the map (also behind the last page of an unfinished row). */
export function pageOfCell(layout: MapLayout, column: number, row: number): number | null {
  if (column < 0 || row < 0 || column >= layout.columns) return null;
  const pfn = row * layout.columns + column;
  return pfn < layout.pageCount ? pfn : null;
}

export const pageAt = (layout: MapLayout, view: MapView, x: number, y: number): number | null =>
  pageOfCell(layout, Math.floor((x - view.x) / view.scale), Math.floor((y - view.y) / view.scale));

/** The pixel in the middle of a page. */
export function centreOf(layout: MapLayout, view: MapView, pfn: number): { x: number; y: number } {
  const { column, row } = cellOf(layout, pfn);
  return { x: view.x + (column + 0.5) * view.scale, y: view.y + (row + 0.5) * view.scale };
}

/** The cells of which at least a part is inside `width` × `height`. */
export function visibleCells(layout: MapLayout, view: MapView, width: number, height: number): CellRange {
  const clamp = (n: number, most: number): number => Math.max(0, Math.min(most, n));
  return {
    left: clamp(Math.floor(-view.x / view.scale), layout.columns),
    top: clamp(Math.floor(-view.y / view.scale), layout.rows),
    right: clamp(Math.ceil((width - view.x) / view.scale), layout.columns),
    bottom: clamp(Math.ceil((height - view.y) / view.scale), layout.rows),
  };
}

/** Below this many pixels a cell, whole pixels would waste too much of the panel. */
const WHOLE_PIXELS_FROM = 6;

/** The view that shows the whole map in the middle, with cells of whole pixels where they are large enough. */
export function fitView(layout: MapLayout, width: number, height: number, margin: number): MapView {
  const free = Math.min((width - 2 * margin) / layout.columns, (height - 2 * margin) / layout.rows);
  const largest = Math.max(free, 1e-4);
  const scale = largest >= WHOLE_PIXELS_FROM ? Math.floor(largest) : largest;
  return {
    scale,
    x: Math.round((width - layout.columns * scale) / 2),
    y: Math.round((height - layout.rows * scale) / 2),
  };
}

/** The same view in other pixels, with its corner on a whole one so that cell edges stay sharp while panning. */
export const scaleView = (view: MapView, ratio: number): MapView => ({
  scale: view.scale * ratio,
  x: Math.round(view.x * ratio),
  y: Math.round(view.y * ratio),
});
