import { drawScene } from './draw';
import { type MapLayout, type MapView, scaleView, visibleCells } from './layout';
import { MapModel, type ModelStart } from './model';
import { PageBytes } from './pageBytes';
import type { Context, Scene } from './scene';
import { Sprites } from './sprites';
import { Surfaces } from './surfaces';
import type { MapArrow, MapNames, MapRegion } from './types';

/** What a frame shows beyond the pages themselves. */
export interface Shown {
  readonly regions: readonly MapRegion[];
  readonly arrows: readonly MapArrow[];
  readonly names: MapNames;
  readonly selection: number | null;
  readonly cursor: number | null;
  readonly hovered: number | null;
  readonly still: boolean;
}

const NOTHING_SHOWN: Shown = {
  regions: [],
  arrows: [],
  names: { owner: String, key: String },
  selection: null,
  cursor: null,
  hovered: null,
  still: false,
};

/** Draws a model onto a canvas when something has changed, at most once a frame, and sleeps otherwise. */
export class MapRenderer {
  readonly model: MapModel;
  readonly bytes = new PageBytes(() => this.invalidate());
  readonly #canvas: HTMLCanvasElement;
  readonly #context: Context;
  readonly #surfaces = new Surfaces();
  readonly #sprites = new Sprites();
  #shown = NOTHING_SHOWN;
  #view: MapView = { scale: 1, x: 0, y: 0 };
  #ratio = 1;
  #pending = 0;

  constructor(canvas: HTMLCanvasElement, start: Omit<ModelStart, 'onChange' | 'clock'>) {
    const context = canvas.getContext('2d', { alpha: false });
    if (context === null) throw new Error('This browser gives no 2D canvas');
    this.#canvas = canvas;
    this.#context = context;
    this.model = new MapModel({
      ...start,
      onChange: () => this.invalidate(),
      clock: () => performance.now(),
    });
  }

  get view(): MapView {
    return this.#view;
  }

  close(): void {
    this.model.close();
    cancelAnimationFrame(this.#pending);
  }

  show(shown: Partial<Shown>): void {
    this.#shown = { ...this.#shown, ...shown };
    this.invalidate();
  }

  /** In CSS pixels. */
  setView(view: MapView): void {
    this.#view = view;
    this.invalidate();
  }

  setLayout(layout: MapLayout): void {
    if (layout.columns !== this.model.layout.columns || layout.pageCount !== this.model.layout.pageCount)
      this.model.setLayout(layout);
  }

  /** In CSS pixels; `ratio` device pixels each. */
  resize(width: number, height: number, ratio: number): void {
    this.#ratio = ratio;
    this.#canvas.width = Math.max(1, Math.round(width * ratio));
    this.#canvas.height = Math.max(1, Math.round(height * ratio));
    this.draw();
  }

  invalidate(): void {
    if (this.#pending === 0) this.#pending = requestAnimationFrame(() => this.draw());
  }

  /** Draws now instead of with the next frame. */
  draw(): void {
    cancelAnimationFrame(this.#pending);
    this.#pending = 0;
    if (drawScene(this.#scene())) this.invalidate();
  }

  #scene(): Scene {
    const view = scaleView(this.#view, this.#ratio);
    const { theme } = this.model.palette;
    const { width, height } = this.#canvas;
    return {
      ...this.#shown,
      context: this.#context,
      model: this.model,
      theme,
      view,
      width,
      height,
      unit: this.#ratio * theme.size,
      ratio: this.#ratio,
      cells: visibleCells(this.model.layout, view, width, height),
      surfaces: this.#surfaces,
      sprites: this.#sprites,
      bytes: this.bytes,
      now: performance.now(),
    };
  }
}
