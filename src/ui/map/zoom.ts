import type { Gestures } from './gestures';
import { fitView, type MapLayout, type MapView } from './layout';

/** CSS pixels a cell at the closest: bytes are then of reading size. */
const CLOSEST = 2200;
/** CSS pixels of background that may show around the map. */
export const MARGIN = 10;
const FLIGHT_MS = 420;

/** What is loaded when the map is on the screen: until then the view changes without flights, and by keyboard only. */
type Moving = typeof import('./gestures');

/** Owns the view and tells of every change; gestures and flights are loaded behind it. All lengths are CSS pixels. */
export class MapZoom {
  readonly #canvas: HTMLCanvasElement;
  readonly #onView: (view: MapView) => void;
  #layout: MapLayout;
  #width = 1;
  #height = 1;
  #fit: MapView;
  #view: MapView;
  #flight = 0;
  #moving: Moving | null = null;
  #gestures: Gestures | null = null;
  /** No flights: views change at once. */
  still = false;

  constructor(canvas: HTMLCanvasElement, layout: MapLayout, onView: (view: MapView) => void) {
    this.#canvas = canvas;
    this.#layout = layout;
    this.#onView = onView;
    this.#fit = fitView(layout, 1, 1, 0);
    this.#view = this.#fit;
  }

  /** From now on the map follows wheel, drag and pinch. */
  move(moving: Moving): void {
    this.#moving = moving;
    this.#gestures = new moving.Gestures(this.#canvas, {
      extent: () => [this.#width, this.#height],
      scales: () => this.#scales(),
      constrain: (view) => this.#constrain(view),
      onStart: () => this.#land(),
      onView: (view) => this.#show(view),
    });
    this.#gestures.startFrom(this.#view);
  }

  get view(): MapView {
    return this.#view;
  }

  close(): void {
    this.#land();
    this.#gestures?.close();
  }

  /** Another panel or another layout: what filled the panel fills it again, otherwise the middle stays. */
  frame(layout: MapLayout, width: number, height: number): void {
    const same = layout.columns === this.#layout.columns && layout.pageCount === this.#layout.pageCount;
    const keep = same && this.#width > 1 && !this.#isFitted();
    const shift = { x: (width - this.#width) / 2, y: (height - this.#height) / 2 };
    this.#land();
    this.#layout = layout;
    this.#width = width;
    this.#height = height;
    this.#fit = fitView(layout, width, height, MARGIN);
    this.set(
      keep ? { scale: this.#view.scale, x: this.#view.x + shift.x, y: this.#view.y + shift.y } : this.#fit,
    );
  }

  set(view: MapView): void {
    const [least, most] = this.#scales();
    const scale = Math.max(least, Math.min(most, view.scale));
    const next = this.#constrain({ ...view, scale });
    this.#gestures?.startFrom(next);
    this.#show(next);
  }

  panBy(dx: number, dy: number): void {
    this.set({ ...this.#view, x: this.#view.x + dx, y: this.#view.y + dy });
  }

  fit(): void {
    this.fly(this.#fit);
  }

  /** Zooms so that the point stays where it is. */
  zoomBy(factor: number, x = this.#width / 2, y = this.#height / 2): void {
    this.#land();
    const [least, most] = this.#scales();
    const scale = Math.max(least, Math.min(most, this.#view.scale * factor));
    const grown = scale / this.#view.scale;
    this.set({ scale, x: x - (x - this.#view.x) * grown, y: y - (y - this.#view.y) * grown });
  }

  /** Puts the middle of a cell (in cells) into the middle of the panel, at this scale. */
  centre(column: number, row: number, scale: number): void {
    this.fly({
      scale,
      x: this.#width / 2 - (column + 0.5) * scale,
      y: this.#height / 2 - (row + 0.5) * scale,
    });
  }

  fly(to: MapView): void {
    this.#land();
    if (this.still || this.#moving === null) {
      this.set(to);
      return;
    }
    const path = this.#moving.flight(this.#camera(this.#view), this.#camera(to));
    const start = performance.now();
    const step = (now: number): void => {
      const part = Math.min(1, Math.max(0, (now - start) / FLIGHT_MS));
      if (part >= 1) {
        this.#flight = 0;
        this.set(to);
        return;
      }
      const [x, y, width] = path(1 - (1 - part) ** 3);
      const scale = this.#width / width;
      this.set({ scale, x: this.#width / 2 - x * scale, y: this.#height / 2 - y * scale });
      this.#flight = requestAnimationFrame(step);
    };
    this.#flight = requestAnimationFrame(step);
  }

  #show(view: MapView): void {
    this.#view = view;
    this.#onView(view);
  }

  #scales(): [least: number, most: number] {
    return [this.#fit.scale, Math.max(CLOSEST, this.#fit.scale)];
  }

  #land(): void {
    cancelAnimationFrame(this.#flight);
    this.#flight = 0;
  }

  /** The view as centre and width, in cells. */
  #camera({ scale, x, y }: MapView): [number, number, number] {
    return [(this.#width / 2 - x) / scale, (this.#height / 2 - y) / scale, this.#width / scale];
  }

  #isFitted(): boolean {
    return Math.abs(this.#view.scale - this.#fit.scale) < this.#fit.scale * 1e-6;
  }

  #constrain({ scale, x, y }: MapView): MapView {
    return {
      scale,
      x: within(x, this.#layout.columns * scale, this.#width),
      y: within(y, this.#layout.rows * scale, this.#height),
    };
  }
}

/** A small map stays in the middle; a large one leaves no more than the margin empty. */
const within = (offset: number, size: number, room: number): number =>
  size + 2 * MARGIN <= room ? (room - size) / 2 : Math.max(room - MARGIN - size, Math.min(MARGIN, offset));
