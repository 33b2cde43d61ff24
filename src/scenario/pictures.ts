/** Sample pictures of our own, drawn by arithmetic: 4 bytes a pixel, red green blue alpha, row by row. */
export interface Picture {
  readonly title: string;
  readonly width: number;
  readonly height: number;
  readonly bytes: Uint8Array;
}

type Colour = readonly [red: number, green: number, blue: number];
/** The colour at a point; both coordinates run from 0 to 1. */
type Painter = (x: number, y: number) => Colour;

/** Pixels of every picture of a script, across and down. */
export const SIDE = 128;
const INK: Colour = [32, 36, 44];
const PAPER: Colour = [245, 243, 236];

const between = (from: Colour, to: Colour, part: number): Colour =>
  [0, 1, 2].map((i) => Math.round(from[i]! + (to[i]! - from[i]!) * part)) as unknown as Colour;

const distance = (x: number, y: number, cx: number, cy: number): number => Math.hypot(x - cx, y - cy);

/** A body shaded from left to right under a strong outline, on flat paper that darkens a little at the bottom. */
function padlock(x: number, y: number): Colour {
  const inBody = (edge: number) => x > 0.22 + edge && x < 0.78 - edge && y > 0.44 + edge && y < 0.86 - edge;
  const ring = (from: number, to: number) => {
    const d = y < 0.34 ? distance(x, y, 0.5, 0.34) : Math.abs(x - 0.5);
    return d > from && d < to && y < 0.46;
  };
  const keyhole = distance(x, y, 0.5, 0.6) < 0.055 || (Math.abs(x - 0.5) < 0.025 && y > 0.6 && y < 0.73);
  if (inBody(0) && (keyhole || !inBody(0.03))) return INK;
  if (inBody(0)) return between([214, 140, 0], [250, 200, 70], (x - 0.22) / 0.56);
  if (ring(0.11, 0.25)) return ring(0.14, 0.22) ? [170, 178, 190] : INK;
  return y < 0.9 ? PAPER : between(PAPER, [190, 200, 214], (y - 0.9) * 10);
}

const isKey = (x: number, y: number): boolean => {
  const bow = distance(x, y, 0.28, 0.5);
  const shaft = Math.abs(y - 0.5) < 0.055 && x > 0.4 && x < 0.88;
  const teeth = y >= 0.5 && ((x > 0.62 && x < 0.72 && y < 0.66) || (x > 0.77 && x < 0.88 && y < 0.7));
  return (bow < 0.2 && bow > 0.09) || shaft || teeth;
};

/** Is the point within `width` of the edge of the shape that it lies in? */
function nearEdge(inside: (x: number, y: number) => boolean, x: number, y: number, width: number): boolean {
  const steps = [-width, 0, width];
  return steps.some((dx) => steps.some((dy) => !inside(x + dx, y + dy)));
}

/** Bow, shaft and bit in one flat colour with an outline, on flat paper that is shaded at the right. */
function key(x: number, y: number): Colour {
  if (isKey(x, y)) return nearEdge(isKey, x, y, 0.022) ? INK : [86, 180, 233];
  return x < 0.92 ? PAPER : between(PAPER, [204, 121, 167], (x - 0.92) * 12);
}

const PAINTERS = {
  padlock: { title: 'padlock', paint: padlock },
  key: { title: 'key', paint: key },
} as const satisfies Record<string, { title: string; paint: Painter }>;

export type PictureName = keyof typeof PAINTERS;
export const PICTURE_NAMES = Object.keys(PAINTERS) as [PictureName, ...PictureName[]];

/** Draws a picture; the same bytes every time. */
export function picture(name: PictureName): Picture {
  const { title, paint } = PAINTERS[name];
  const bytes = new Uint8Array(SIDE * SIDE * 4);
  for (let row = 0; row < SIDE; row++) {
    for (let column = 0; column < SIDE; column++) {
      const colour = paint((column + 0.5) / SIDE, (row + 0.5) / SIDE);
      bytes.set([...colour, 255], (row * SIDE + column) * 4);
    }
  }
  return { title, width: SIDE, height: SIDE, bytes };
}
