import { centreOf } from './layout';
import type { Scene } from './scene';
import type { MapTheme } from './theme';
import type { MapArrow } from './types';

const TONES: Record<MapArrow['tone'], (theme: MapTheme) => string> = {
  fault: (theme) => theme.fault,
  hot: (theme) => theme.hot,
  neutral: (theme) => theme.mutedInk,
};

/** How far an arrow bends aside, in its length. */
const BEND = 0.08;

export function drawArrows(scene: Scene): void {
  for (const arrow of scene.arrows) if (arrow.from !== arrow.to) drawArrow(scene, arrow);
}

function drawArrow(scene: Scene, arrow: MapArrow): void {
  const { context, theme, unit, view, model } = scene;
  const from = centreOf(model.layout, view, arrow.from);
  const to = centreOf(model.layout, view, arrow.to);
  const length = Math.hypot(to.x - from.x, to.y - from.y);
  const control = {
    x: (from.x + to.x) / 2 + (to.y - from.y) * BEND,
    y: (from.y + to.y) / 2 - (to.x - from.x) * BEND,
  };
  const angle = Math.atan2(to.y - control.y, to.x - control.x);
  const head = Math.min(9 * unit, length / 2);
  const base = { x: to.x - Math.cos(angle) * head, y: to.y - Math.sin(angle) * head };
  const colour = TONES[arrow.tone](theme);

  context.beginPath();
  context.moveTo(from.x, from.y);
  context.quadraticCurveTo(control.x, control.y, base.x, base.y);
  context.lineWidth = 4 * unit;
  context.strokeStyle = `${theme.background}a0`;
  context.stroke();
  context.setLineDash([5 * unit, 4 * unit]);
  context.lineWidth = 1.75 * unit;
  context.strokeStyle = colour;
  context.stroke();
  context.setLineDash([]);

  context.beginPath();
  for (const turn of [0, 2.6, -2.6]) {
    const reach = turn === 0 ? 0 : head * 1.15;
    context.lineTo(to.x + Math.cos(angle + turn) * reach, to.y + Math.sin(angle + turn) * reach);
  }
  context.closePath();
  context.fillStyle = colour;
  context.fill();

  if (arrow.label !== '')
    drawPlate(scene, arrow.label, (from.x + 2 * control.x + to.x) / 4, (from.y + 2 * control.y + to.y) / 4);
}

/** A line of text on a piece of background, centred. */
function drawPlate({ context, theme, unit }: Scene, text: string, x: number, y: number): void {
  const size = 12 * unit;
  context.font = `600 ${size}px ${theme.sans}`;
  context.textAlign = 'center';
  context.textBaseline = 'middle';
  const width = context.measureText(text).width + 12 * unit;
  context.fillStyle = `${theme.background}d8`;
  context.beginPath();
  context.roundRect(x - width / 2, y - size * 0.8, width, size * 1.6, 4 * unit);
  context.fill();
  context.fillStyle = theme.ink;
  context.fillText(text, x, y + size * 0.06);
}
