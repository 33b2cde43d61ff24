import { cellOf } from './layout';
import type { Scene } from './scene';
import type { MapRegion } from './types';

/** Names of regions are for orientation from afar; from close by every cell names its owner. */
const UNTIL_CELL = 6;

export function drawRegionLabels(scene: Scene): void {
  if (scene.view.scale / scene.ratio >= UNTIL_CELL) return;
  scene.context.textAlign = 'left';
  scene.context.textBaseline = 'middle';
  for (const region of scene.regions) drawLabel(scene, region);
}

function drawLabel(scene: Scene, region: MapRegion): void {
  const { context, theme, unit, view, model } = scene;
  const start = cellOf(model.layout, region.first);
  const end = cellOf(model.layout, region.first + region.count - 1);
  const size = 12 * unit;
  const top = view.y + start.row * view.scale;
  const bottom = view.y + (end.row + 1) * view.scale;
  const oneRow = start.row === end.row;
  const left = Math.max(0, view.x + (oneRow ? start.column : 0) * view.scale);
  const y = Math.max(top, 0) + size * 1.1;
  if (bottom - top < size * 1.6 || y + size > bottom || y > scene.height) return;
  context.font = `600 ${size}px ${theme.sans}`;
  const width = context.measureText(region.label).width + 12 * unit;
  context.fillStyle = `${theme.background}c8`;
  context.beginPath();
  context.roundRect(left + 5 * unit, y - size * 0.75, width, size * 1.5, 4 * unit);
  context.fill();
  context.fillStyle = theme.ink;
  context.fillText(region.label, left + 11 * unit, y + size * 0.06);
}
