import { cssColour, mix, packColour, parseColour, unpackColour } from './colour';
import { centreOf } from './layout';
import { isLarge, onScreen, outline, stroke } from './marks';
import type { Scene } from './scene';
import { paintHalo } from './sprites';

const PULSE_MS = 700;
/** A crowd needs no halos to be seen, and a few dozen no rings. */
const MOST_HALOS = 200;
const MOST_RINGS = 24;

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
    if (halos) drawHalo(scene, x, y, 1 + pulse * 0.6);
    const side = Math.max(least, Math.round(view.scale));
    scene.context.fillStyle = bright(scene, pfn);
    scene.context.fillRect(Math.round(x - side / 2), Math.round(y - side / 2), side, side);
  }
  return pulse > 0;
}

function drawHalo(scene: Scene, x: number, y: number, grown: number): void {
  const { context, theme, sprites, unit, model } = scene;
  const few = model.hot.size <= MOST_RINGS;
  const size = (few ? 30 : 14) * grown * unit;
  context.imageSmoothingEnabled = true;
  const halo = sprites.get(`halo ${theme.hot}`, 64, paintHalo(theme.hot));
  context.drawImage(halo, x - size / 2, y - size / 2, size, size);
  if (!few) return;
  context.beginPath();
  context.arc(x, y, 6 * grown * unit, 0, 2 * Math.PI);
  stroke(scene, theme.hot, unit);
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
