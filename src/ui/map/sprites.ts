import { makeCanvas } from './surfaces';

type Painter = (context: OffscreenCanvasRenderingContext2D, size: number) => void;

/** Small pictures that many cells share, painted once for each size and colour. */
export class Sprites {
  readonly #known = new Map<string, OffscreenCanvas>();

  get(name: string, size: number, paint: Painter): OffscreenCanvas {
    const key = `${name} ${size}`;
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    if (this.#known.size > MOST) this.#known.clear();
    const [canvas, context] = makeCanvas(Math.max(1, size), Math.max(1, size));
    paint(context, size);
    this.#known.set(key, canvas);
    return canvas;
  }
}

const MOST = 400;

/** Diagonal stripes: the page is shared. */
export const paintHatch =
  (colour: string): Painter =>
  (context, size) => {
    context.strokeStyle = colour;
    context.lineWidth = Math.max(1, size * 0.15);
    context.beginPath();
    for (const shift of [-0.66, 0, 0.66]) {
      context.moveTo((shift - 0.1) * size, -0.1 * size);
      context.lineTo((shift + 1.1) * size, 1.1 * size);
    }
    context.stroke();
  };

/** A small framed square: hardware reads this page (page table, VMCB). */
export const paintStructure =
  (colour: string): Painter =>
  (context, size) => {
    const side = Math.max(3, Math.round(size * 0.34));
    const at = Math.round((size - side) / 2);
    context.fillStyle = colour;
    context.fillRect(at, at, side, side);
    const hole = Math.max(1, Math.round(side / 3));
    context.clearRect(at + Math.floor((side - hole) / 2), at + Math.floor((side - hole) / 2), hole, hole);
  };

/** A padlock: the bytes are under a guest's key. */
export const paintLock =
  (colour: string): Painter =>
  (context, size) => {
    context.fillStyle = colour;
    context.strokeStyle = colour;
    context.lineWidth = Math.max(1, size * 0.14);
    context.beginPath();
    context.arc(size / 2, size * 0.42, size * 0.22, Math.PI, 0);
    context.moveTo(size * 0.28, size * 0.42);
    context.lineTo(size * 0.28, size * 0.52);
    context.moveTo(size * 0.72, size * 0.42);
    context.lineTo(size * 0.72, size * 0.52);
    context.stroke();
    context.beginPath();
    context.roundRect(size * 0.16, size * 0.48, size * 0.68, size * 0.44, size * 0.08);
    context.fill();
  };

/** A soft light, for one page among a million. */
export const paintHalo =
  (colour: string): Painter =>
  (context, size) => {
    const middle = size / 2;
    const light = context.createRadialGradient(middle, middle, 0, middle, middle, middle);
    light.addColorStop(0, `${colour}cc`);
    light.addColorStop(0.25, `${colour}66`);
    light.addColorStop(1, `${colour}00`);
    context.fillStyle = light;
    context.fillRect(0, 0, size, size);
  };
