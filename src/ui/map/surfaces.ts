import { clean, type Level } from './pyramid';

interface Surface {
  readonly canvas: OffscreenCanvas;
  readonly context: OffscreenCanvasRenderingContext2D;
  readonly image: ImageData;
}

export function makeCanvas(
  width: number,
  height: number,
): [OffscreenCanvas, OffscreenCanvasRenderingContext2D] {
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext('2d');
  if (context === null) throw new Error('This browser gives no 2D canvas');
  return [canvas, context];
}

/** The canvases behind the levels: made when a level is first drawn, uploaded where it has changed since. */
export class Surfaces {
  readonly #known = new WeakMap<Level, Surface>();

  of(level: Level): OffscreenCanvas {
    let surface = this.#known.get(level);
    if (surface === undefined) {
      surface = makeSurface(level);
      this.#known.set(level, surface);
      level.dirtyFrom = 0;
      level.dirtyTo = level.side;
    }
    if (level.dirtyTo > level.dirtyFrom) {
      surface.context.putImageData(
        surface.image,
        0,
        0,
        0,
        level.dirtyFrom,
        level.side,
        level.dirtyTo - level.dirtyFrom,
      );
      clean(level);
    }
    return surface.canvas;
  }
}

function makeSurface(level: Level): Surface {
  const [canvas, context] = makeCanvas(level.side, level.side);
  const bytes = new Uint8ClampedArray(level.pixels.buffer);
  return { canvas, context, image: new ImageData(bytes, level.side, level.side) };
}
