import type { MapSource } from '../../store/pageSource';
import { cellOf, centreOf, chooseColumns, layoutOf, pageAt } from './layout';
import type { Palette } from './palette';
import { MapRenderer } from './renderer';
import { MARGIN, MapZoom } from './zoom';

/** CSS pixels a cell at which a page shows its blocks. */
const OPENED = 420;

/** A canvas in its panel: picture and view, fitted to the panel's size and the screen's pixels. */
export class MapStage {
  readonly renderer: MapRenderer;
  readonly zoom: MapZoom;
  readonly #canvas: HTMLCanvasElement;
  readonly #panel: HTMLElement;
  readonly #pageCount: number;
  readonly #observer: ResizeObserver;
  readonly #resize = (): void => this.#fitPanel();
  readonly #repaint = (): void => this.renderer.invalidate();
  #columns: number | undefined;

  constructor(
    panel: HTMLElement,
    canvas: HTMLCanvasElement,
    source: MapSource,
    pageCount: number,
    palette: Palette,
  ) {
    this.#panel = panel;
    this.#canvas = canvas;
    this.#pageCount = pageCount;
    const columns = chooseColumns(pageCount, inner(panel.clientWidth), inner(panel.clientHeight));
    const layout = layoutOf(pageCount, columns);
    this.renderer = new MapRenderer(canvas, { source, layout, palette });
    this.zoom = new MapZoom(canvas, layout, (view) => this.renderer.setView(view));
    this.#columns = columns;
    this.#observer = new ResizeObserver(this.#resize);
    this.#observer.observe(panel);
    window.addEventListener('resize', this.#resize);
    document.fonts.addEventListener('loadingdone', this.#repaint);
    this.#fitPanel();
  }

  close(): void {
    this.#observer.disconnect();
    window.removeEventListener('resize', this.#resize);
    document.fonts.removeEventListener('loadingdone', this.#repaint);
    this.zoom.close();
    this.renderer.close();
  }

  /** The page under a pointer. */
  pageUnder(event: { readonly clientX: number; readonly clientY: number }): number | null {
    const { left, top } = this.#canvas.getBoundingClientRect();
    return pageAt(this.renderer.model.layout, this.zoom.view, event.clientX - left, event.clientY - top);
  }

  get screenful(): number {
    return Math.max(1, Math.floor(this.#panel.clientHeight / this.zoom.view.scale) - 1);
  }

  /** Pans just so far that the page is on the panel. */
  reveal(pfn: number): void {
    const { scale } = this.zoom.view;
    const { x, y } = centreOf(this.renderer.model.layout, this.zoom.view, pfn);
    const inset = Math.min(scale / 2 + MARGIN, this.#panel.clientWidth / 2, this.#panel.clientHeight / 2);
    this.zoom.panBy(into(x, inset, this.#panel.clientWidth), into(y, inset, this.#panel.clientHeight));
  }

  zoomAround(pfn: number, factor: number): void {
    const { x, y } = centreOf(this.renderer.model.layout, this.zoom.view, pfn);
    this.zoom.zoomBy(factor, x, y);
  }

  /** Goes so close to a page that its blocks show. */
  open(pfn: number): void {
    const { column, row } = cellOf(this.renderer.model.layout, pfn);
    this.zoom.centre(column, row, Math.max(OPENED, this.zoom.view.scale));
  }

  #fitPanel(): void {
    const { clientWidth: width, clientHeight: height } = this.#panel;
    if (width === 0 || height === 0) return;
    this.#columns = chooseColumns(this.#pageCount, inner(width), inner(height), this.#columns);
    const layout = layoutOf(this.#pageCount, this.#columns);
    this.renderer.setLayout(layout);
    this.zoom.frame(layout, width, height);
    this.renderer.resize(width, height, window.devicePixelRatio);
  }
}

/** What of a panel's width or height is left for the map. */
const inner = (length: number): number => Math.max(1, length - 2 * MARGIN);

/** How far to move so that `at` is at least `inset` inside 0 … `room`. */
const into = (at: number, inset: number, room: number): number =>
  Math.max(0, inset - at) + Math.min(0, room - inset - at);
