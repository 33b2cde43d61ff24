import { PICTURE_NAMES, type PictureName, SIDE } from './pictures';
import type { Scenario } from './schema';

/** Pixels as they come from outside: 4 bytes each, red green blue alpha, row by row. */
export interface Pixels {
  readonly width: number;
  readonly height: number;
  readonly bytes: Uint8Array;
}

/** A visitor's picture in place of the script's own: framed pixels of `SIDE` by `SIDE`, and what it is called. */
export interface OwnPicture {
  readonly name: string;
  readonly bytes: Uint8Array;
}

type Colour = readonly [red: number, green: number, blue: number];

/**
 * Around every picture a finely striped mat, and a line between the two, in whole blocks of four pixels: whatever the picture
 * is, some blocks repeat, and some are no plain colour that anybody could guess.
 */
const MAT = 8;
const EDGE = 4;
const INNER = SIDE - 2 * (MAT + EDGE);
const LINE: Colour = [32, 36, 44];
const MATS: readonly Colour[] = [
  [245, 243, 236],
  [222, 232, 244],
];
const STRIPE = 24;
const PAPER: Colour = [252, 251, 248];

const put = (bytes: Uint8Array, x: number, y: number, [r, g, b]: Colour): void =>
  bytes.set([r, g, b, 255], (y * SIDE + x) * 4);

/** Every fourth column of a mat is a little darker. */
const matAt = ([r, g, b]: Colour, x: number): Colour =>
  x % 4 === 3 ? [r - STRIPE, g - STRIPE, b - STRIPE] : [r, g, b];

/** How far a point lies from the edge of the picture, in pixels. */
const depth = (x: number, y: number): number => Math.min(x, y, SIDE - 1 - x, SIDE - 1 - y);

/**
 * The picture fitted into the size that scripts use, on a mat, opaque. Arithmetic on whole numbers, so that the same pixels
 * give the same bytes everywhere.
 */
export function framed(source: Pixels): Uint8Array {
  const longest = Math.max(source.width, source.height);
  const width = Math.max(1, Math.floor((source.width * INNER) / longest));
  const height = Math.max(1, Math.floor((source.height * INNER) / longest));
  const left = Math.floor((SIDE - width) / 2);
  const top = Math.floor((SIDE - height) / 2);
  const bytes = new Uint8Array(SIDE * SIDE * 4);
  for (let y = 0; y < SIDE; y++) {
    for (let x = 0; x < SIDE; x++) {
      const [column, row] = [x - left, y - top];
      const inside = column >= 0 && column < width && row >= 0 && row < height;
      const around = depth(x, y) < MAT ? matAt(MATS[0]!, x) : depth(x, y) < MAT + EDGE ? LINE : PAPER;
      put(bytes, x, y, inside ? mean(source, { width, height }, column, row) : around);
    }
  }
  return bytes;
}

/** The mean of the source's pixels that fall together in one, laid on paper where they let it show through. */
function mean(source: Pixels, to: { width: number; height: number }, column: number, row: number): Colour {
  const [fromX, fromY] = [scale(column, source.width, to.width), scale(row, source.height, to.height)];
  const untilX = Math.max(fromX + 1, scale(column + 1, source.width, to.width));
  const untilY = Math.max(fromY + 1, scale(row + 1, source.height, to.height));
  const sum = [0, 0, 0];
  for (let y = fromY; y < untilY; y++) {
    for (let x = fromX; x < untilX; x++) {
      const at = (y * source.width + x) * 4;
      const alpha = source.bytes[at + 3]!;
      for (let i = 0; i < 3; i++) sum[i]! += source.bytes[at + i]! * alpha + PAPER[i]! * (255 - alpha);
    }
  }
  const weight = 255 * (untilX - fromX) * (untilY - fromY);
  return sum.map((value) => Math.floor(value / weight)) as unknown as Colour;
}

const scale = (n: number, from: number, to: number): number => Math.floor((n * from) / to);

/**
 * The bytes that stand in for one of the script's pictures. Where a script has a second one, it gets the mirror image on
 * another mat: two guests with the very same bytes would have no secret from each other.
 */
export function inPlaceOf(name: PictureName, own: Uint8Array): Uint8Array {
  const mat = MATS[PICTURE_NAMES.indexOf(name)];
  if (!mat || mat === MATS[0]) return own;
  const bytes = new Uint8Array(own.length);
  for (let y = 0; y < SIDE; y++) {
    for (let x = 0; x < SIDE; x++) {
      const from = (y * SIDE + (SIDE - 1 - x)) * 4;
      if (depth(x, y) < MAT) put(bytes, x, y, matAt(mat, x));
      else bytes.set(own.subarray(from, from + 4), (y * SIDE + x) * 4);
    }
  }
  return bytes;
}

/** Bytes of a framed picture. */
export const FRAMED_LENGTH = SIDE * SIDE * 4;

/** Does the script load a picture, which a visitor's could take the place of? */
export const usesPicture = ({ steps }: Scenario): boolean =>
  steps.some((step) => step.do?.some((action) => typeof action.picture === 'string') === true);
