import { centreOf } from './layout';
import { isLarge, onScreen, outline, stroke } from './marks';
import type { Scene } from './scene';

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
