import { OWNER_GUEST, pageKey, pageOwner, pageShared, pageStructure } from '../../engine/core/page';
import { inkOn } from './ink';
import { KEY_HOST } from './palette';
import { boxOf, DETAIL, forEachVisible, type Scene } from './scene';
import { paintHatch, paintLock, paintStructure } from './sprites';
import { makeCanvas } from './surfaces';

/** Patterns on the cells, then the gaps between them. */
export function drawCells(scene: Scene): void {
  const cell = scene.view.scale / scene.ratio;
  if (cell >= DETAIL.patterns) drawPatterns(scene, cell);
  if (cell >= DETAIL.gaps) drawGaps(scene, cell);
}

/** The bytes of this page reached DRAM under a guest's key. */
export const isPrivate = (word: number): boolean =>
  pageOwner(word) > OWNER_GUEST && pageKey(word) > KEY_HOST && !pageShared(word);

function drawPatterns(scene: Scene, cell: number): void {
  const { context, theme, sprites, model } = scene;
  const size = Math.round(scene.view.scale);
  if (cell >= DETAIL.blocks) return;
  const { background } = theme;
  const hatch = sprites.get(`hatch ${background}`, size, paintHatch(`${background}b0`));
  const lockSize = Math.round(Math.min(size * 0.36, 16 * scene.unit));
  forEachVisible(scene, (pfn, word, box) => {
    if (pageShared(word)) context.drawImage(hatch, box.x, box.y, box.width, box.height);
    if (cell < DETAIL.label && pageStructure(word)) {
      const ink = inkOn(theme, model.colour(pfn));
      const mark = sprites.get(`structure ${ink}`, size, paintStructure(`${ink}d0`));
      context.drawImage(mark, box.x, box.y, box.width, box.height);
    } else if (cell >= DETAIL.lock && cell < DETAIL.label && isPrivate(word)) {
      drawLock(scene, pfn, box.x + (box.width - lockSize) / 2, box.y + (box.height - lockSize) / 2, lockSize);
    }
  });
}

export function drawLock(scene: Scene, pfn: number, x: number, y: number, size: number): void {
  const ink = inkOn(scene.theme, scene.model.colour(pfn));
  const lock = scene.sprites.get(`lock ${ink}`, size, paintLock(`${ink}90`));
  scene.context.drawImage(lock, Math.round(x), Math.round(y));
}

/** One row of gaps and rounded corners is painted once and laid over each row of cells. */
function drawGaps(scene: Scene, cell: number): void {
  const { context, cells, view, theme, ratio } = scene;
  const first = boxOf(view, cells.left, cells.top);
  const last = boxOf(view, cells.right - 1, cells.top);
  const width = last.x + last.width - first.x;
  const height = Math.round(view.scale);
  if (width <= 0 || cells.bottom <= cells.top) return;
  const [strip, paint] = makeCanvas(width, height);
  const gap = Math.max(1, Math.min(3 * ratio, Math.round(view.scale * 0.07)));
  const radius = cell < 9 ? 0 : Math.min(view.scale * 0.16, 5 * ratio);
  paint.fillStyle = theme.background;
  for (let column = cells.left; column < cells.right; column++) {
    const box = boxOf(view, column, cells.top);
    paint.rect(box.x - first.x, 0, box.width, height);
    paint.roundRect(box.x - first.x, 0, box.width - gap, height - gap, radius);
  }
  paint.fill('evenodd');
  context.globalAlpha = Math.min(1, (cell - DETAIL.gaps + 1) / 3);
  for (let row = cells.top; row < cells.bottom; row++) {
    const box = boxOf(view, cells.left, row);
    context.drawImage(strip, box.x, box.y, width, box.height);
  }
  context.globalAlpha = 1;
}
