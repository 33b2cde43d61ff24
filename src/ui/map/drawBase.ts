import { cssColour, mix, packColour, parseColour } from './colour';
import { cellOf } from './layout';
import { ownerColour } from './owners';
import type { Level } from './pyramid';
import type { Scene } from './scene';
import type { Tile } from './tiles';

/** From so many pixels a cell, only the visible part of a tile is given to the canvas: its coordinates stay small. */
const CROP_FROM = 16;
/** How much of a region's hue its untouched pages keep. */
const TINT = 0.16;

/** Background, untouched memory, tints of the regions, and a pixel a page over them. */
export function drawBase(scene: Scene): void {
  const { context, theme, model } = scene;
  context.fillStyle = theme.background;
  context.fillRect(0, 0, scene.width, scene.height);
  context.fillStyle = theme.free;
  fillPages(scene, 0, model.layout.pageCount);
  if (model.palette.mode === 'owner')
    for (const region of scene.regions) {
      context.fillStyle = cssColour(
        packColour(mix(parseColour(theme.free), ownerColour(theme, region.owner), TINT)),
      );
      fillPages(scene, region.first, region.count);
    }
  context.imageSmoothingEnabled = false;
  drawTiles(scene);
}

/** Fills a run of pages: at most three rectangles. */
function fillPages(scene: Scene, first: number, count: number): void {
  if (count <= 0) return;
  const { columns } = scene.model.layout;
  const start = cellOf(scene.model.layout, first);
  const end = cellOf(scene.model.layout, first + count);
  if (start.row === end.row) {
    fillCells(scene, start.column, start.row, end.column, start.row + 1);
    return;
  }
  const whole = start.column === 0 ? start.row : start.row + 1;
  if (start.column > 0) fillCells(scene, start.column, start.row, columns, start.row + 1);
  if (end.row > whole) fillCells(scene, 0, whole, columns, end.row);
  if (end.column > 0) fillCells(scene, 0, end.row, end.column, end.row + 1);
}

function fillCells(
  { context, view, width, height }: Scene,
  left: number,
  top: number,
  right: number,
  bottom: number,
): void {
  const within = (n: number, most: number): number => Math.max(-1, Math.min(most + 1, Math.round(n)));
  const x = within(view.x + left * view.scale, width);
  const y = within(view.y + top * view.scale, height);
  context.fillRect(
    x,
    y,
    within(view.x + right * view.scale, width) - x,
    within(view.y + bottom * view.scale, height) - y,
  );
}

function drawTiles(scene: Scene): void {
  const { cells, model, view } = scene;
  const { side } = model.tiles;
  const depth = Math.max(0, Math.ceil(-Math.log2(view.scale) - 1e-9));
  for (let down = Math.floor(cells.top / side); down * side < cells.bottom; down++)
    for (let across = Math.floor(cells.left / side); across * side < cells.right; across++) {
      const tile = model.tiles.tileAt(across, down);
      if (tile === undefined) continue;
      const level = tile.pyramid.level(depth);
      if (view.scale < CROP_FROM) drawWhole(scene, tile, level);
      else drawPart(scene, tile, level);
    }
}

function drawWhole({ context, surfaces, view, model }: Scene, tile: Tile, level: Level): void {
  const { side } = model.tiles;
  const x = Math.round(view.x + tile.column * view.scale);
  const y = Math.round(view.y + tile.row * view.scale);
  const width = Math.round(view.x + (tile.column + side) * view.scale) - x;
  const height = Math.round(view.y + (tile.row + side) * view.scale) - y;
  context.drawImage(surfaces.of(level), x, y, width, height);
}

function drawPart({ context, surfaces, view, model, cells }: Scene, tile: Tile, level: Level): void {
  const { side } = model.tiles;
  const left = Math.max(cells.left, tile.column);
  const top = Math.max(cells.top, tile.row);
  const columns = Math.min(cells.right, tile.column + side) - left;
  const rows = Math.min(cells.bottom, tile.row + side) - top;
  context.drawImage(
    surfaces.of(level),
    left - tile.column,
    top - tile.row,
    columns,
    rows,
    view.x + left * view.scale,
    view.y + top * view.scale,
    columns * view.scale,
    rows * view.scale,
  );
}
