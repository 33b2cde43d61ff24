import { cellOf } from './layout';
import { boxOf, type Scene } from './scene';

/** CSS pixels a cell from which a mark follows the cell's outline instead of being a sign above it. */
const OUTLINE_FROM = 7;

export const isLarge = (scene: Scene): boolean => scene.view.scale / scene.ratio >= OUTLINE_FROM;

export const onScreen = ({ width, height, unit }: Scene, x: number, y: number, reach: number): boolean =>
  x > -reach - 20 * unit &&
  y > -reach - 20 * unit &&
  x < width + reach + 20 * unit &&
  y < height + reach + 20 * unit;

/** A frame around a cell, with a thin dark rim so that it shows on any hue. */
export function outline(scene: Scene, pfn: number, colour: string, line: number, alpha = 1): void {
  const { context, view, theme } = scene;
  const { column, row } = cellOf(scene.model.layout, pfn);
  const box = boxOf(view, column, row);
  const out = line / 2;
  const radius = Math.min(view.scale * 0.18, 5 * scene.ratio);
  context.globalAlpha = alpha;
  context.beginPath();
  context.roundRect(
    box.x - out,
    box.y - out,
    box.width - 1 + 2 * out,
    box.height - 1 + 2 * out,
    radius + out,
  );
  context.lineWidth = line + 2 * scene.unit;
  context.strokeStyle = theme.background;
  context.stroke();
  context.lineWidth = line;
  context.strokeStyle = colour;
  context.stroke();
  context.globalAlpha = 1;
}

/** Strokes the current path, with a rim of background. */
export function stroke({ context, theme, unit }: Scene, colour: string, line: number): void {
  context.lineWidth = line + 2 * unit;
  context.strokeStyle = theme.background;
  context.stroke();
  context.lineWidth = line;
  context.strokeStyle = colour;
  context.stroke();
}
