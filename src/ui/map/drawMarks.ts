import { cssColour, mix, packColour, parseColour, unpackColour } from './colour';
import { cellOf, centreOf } from './layout';
import { boxOf, type Scene } from './scene';
import { paintHalo } from './sprites';

/** CSS pixels a cell from which a mark follows the cell's outline instead of being a sign above it. */
const OUTLINE_FROM = 9;
const PULSE_MS = 700;
/** A crowd needs no halos to be seen. */
const MOST_HALOS = 200;

const isLarge = (scene: Scene): boolean => scene.view.scale / scene.ratio >= OUTLINE_FROM;

const onScreen = ({ width, height, unit }: Scene, x: number, y: number, reach: number): boolean =>
  x > -reach - 20 * unit &&
  y > -reach - 20 * unit &&
  x < width + reach + 20 * unit &&
  y < height + reach + 20 * unit;

/** Pages that changed just now: never smaller than 3 pixels, with a light around them. True while the light moves. */
export function drawHot(scene: Scene): boolean {
  const { model, view, theme, unit } = scene;
  const { hot } = model;
  if (hot.size === 0) return false;
  const large = isLarge(scene);
  const pulse = scene.still ? 0 : Math.max(0, 1 - hot.age(scene.now) / PULSE_MS);
  const halos = hot.size <= MOST_HALOS;
  const least = Math.ceil(3 * unit);
  for (const pfn of hot.pages) {
    const { x, y } = centreOf(model.layout, view, pfn);
    if (!onScreen(scene, x, y, view.scale)) continue;
    if (large) {
      outline(scene, pfn, theme.hot, (1.5 + 2 * pulse) * unit, halos ? 1 : 0.6);
      continue;
    }
    if (halos) drawHalo(scene, x, y, (hot.size > 24 ? 14 : 26) * (1 + pulse * 0.6) * unit);
    const side = Math.max(least, Math.round(view.scale));
    scene.context.fillStyle = bright(scene, pfn);
    scene.context.fillRect(Math.round(x - side / 2), Math.round(y - side / 2), side, side);
  }
  return pulse > 0;
}

function drawHalo({ context, theme, sprites }: Scene, x: number, y: number, size: number): void {
  const halo = sprites.get(`halo ${theme.hot}`, 64, paintHalo(theme.hot));
  context.imageSmoothingEnabled = true;
  context.drawImage(halo, x - size / 2, y - size / 2, size, size);
}

const brightened = new WeakMap<object, Map<number, string>>();

/** The page's own hue, lit. */
function bright({ theme, model }: Scene, pfn: number): string {
  const colour = model.colour(pfn);
  let known = brightened.get(theme);
  if (known === undefined) {
    known = new Map();
    brightened.set(theme, known);
  }
  let css = known.get(colour);
  if (css === undefined) {
    css = cssColour(packColour(mix(unpackColour(colour), parseColour(theme.hot), colour === 0 ? 0.8 : 0.45)));
    known.set(colour, css);
  }
  return css;
}

/** A frame around a cell, with a thin dark rim so that it shows on any hue. */
function outline(scene: Scene, pfn: number, colour: string, line: number, alpha = 1): void {
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

export function drawFaults(scene: Scene): void {
  const { context, model, view, theme, unit } = scene;
  for (const pfn of model.faults) {
    const { x, y } = centreOf(model.layout, view, pfn);
    if (!onScreen(scene, x, y, view.scale)) continue;
    if (isLarge(scene)) {
      outline(scene, pfn, theme.fault, 2 * unit);
      continue;
    }
    const reach = 4 * unit;
    context.beginPath();
    context.moveTo(x - reach, y - reach);
    context.lineTo(x + reach, y + reach);
    context.moveTo(x + reach, y - reach);
    context.lineTo(x - reach, y + reach);
    stroke(scene, theme.fault, 2 * unit);
  }
}

/** The selected page: framed from close by, in a ring with four ticks from afar. */
export function drawSelection(scene: Scene): void {
  if (scene.hovered !== null && isLarge(scene))
    outline(scene, scene.hovered, scene.theme.mutedInk, scene.unit);
  if (scene.selection !== null) drawPointer(scene, scene.selection, scene.theme.selection, 2);
  if (scene.cursor !== null) {
    scene.context.setLineDash([3 * scene.unit, 2 * scene.unit]);
    drawPointer(scene, scene.cursor, scene.theme.cursor, 2);
    scene.context.setLineDash([]);
  }
}

function drawPointer(scene: Scene, pfn: number, colour: string, line: number): void {
  const { context, model, view, unit } = scene;
  const { x, y } = centreOf(model.layout, view, pfn);
  if (!onScreen(scene, x, y, view.scale)) return;
  if (isLarge(scene)) {
    outline(scene, pfn, colour, line * unit);
    return;
  }
  const radius = 7 * unit;
  context.beginPath();
  context.arc(x, y, radius, 0, 2 * Math.PI);
  for (const [dx, dy] of [
    [1, 0],
    [-1, 0],
    [0, 1],
    [0, -1],
  ] as const) {
    context.moveTo(x + dx * radius, y + dy * radius);
    context.lineTo(x + dx * (radius + 4 * unit), y + dy * (radius + 4 * unit));
  }
  stroke(scene, colour, 1.5 * unit);
}

function stroke({ context, theme, unit }: Scene, colour: string, line: number): void {
  context.lineWidth = line + 2 * unit;
  context.strokeStyle = theme.background;
  context.stroke();
  context.lineWidth = line;
  context.strokeStyle = colour;
  context.stroke();
}
