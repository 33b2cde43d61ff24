import type { Arrow, Box, Spot } from './diagramLayout';

/** How percent and rem become pixels. */
export interface Scale {
  readonly x: number;
  readonly rem: number;
}

/** A box in pixels: its middle and half its sides. */
export interface Place {
  readonly x: number;
  readonly y: number;
  readonly halfWidth: number;
  readonly halfHeight: number;
}

type Point = readonly [x: number, y: number];

export const boxOf = ({ at: [x, y], width, height }: Box, scale: Scale): Place => ({
  x: x * scale.x,
  y: y * scale.rem,
  halfWidth: (width * scale.rem) / 2,
  halfHeight: (height * scale.rem) / 2,
});

const GAP = 2;

/** Where the line from the middle of a box towards a point leaves the box. */
function leave({ x, y, halfWidth, halfHeight }: Place, [toX, toY]: Point): Point {
  const [dx, dy] = [toX - x, toY - y];
  if (dx === 0 && dy === 0) return [x, y];
  const share = Math.min((halfWidth + GAP) / Math.abs(dx), (halfHeight + GAP) / Math.abs(dy));
  return [x + dx * share, y + dy * share];
}

/** The way of an arrow from border to border, as an SVG path. */
export function edgePath(from: Place, to: Place, { via = [], shift = 0 }: Arrow, scale: Scale): string {
  const corners: Point[] = via.map(([x, y]: Spot): Point => [x * scale.x, y * scale.rem]);
  const [dx, dy] = [to.x - from.x, to.y - from.y];
  const length = Math.hypot(dx, dy) || 1;
  const aside: Point = [(dy / length) * shift * scale.rem, (-dx / length) * shift * scale.rem];
  const moved = (place: Place): Place => ({ ...place, x: place.x + aside[0], y: place.y + aside[1] });
  // A shifted arrow starts beside the middle; the box is taken along, so that its border is met at the same height.
  const [a, b] = shift === 0 ? [from, to] : [moved(from), moved(to)];
  const first = corners[0] ?? [b.x, b.y];
  const last = corners.at(-1) ?? [a.x, a.y];
  const points = [leave(a, first), ...corners, leave(b, last)];
  return points.map(([x, y], i) => `${i === 0 ? 'M' : 'L'}${x.toFixed(1)} ${y.toFixed(1)}`).join('');
}
