import { interpolateZoom } from 'd3-interpolate';
import { select } from 'd3-selection';
import { type D3ZoomEvent, type ZoomTransform, zoom, zoomIdentity } from 'd3-zoom';
import type { MapView } from './layout';

/** What gestures need to know of the map, and whom they tell. */
export interface Gestured {
  readonly extent: () => readonly [width: number, height: number];
  readonly scales: () => readonly [least: number, most: number];
  /** The nearest view that the map may have. */
  readonly constrain: (view: MapView) => MapView;
  readonly onStart: () => void;
  readonly onView: (view: MapView) => void;
}

type Event = D3ZoomEvent<HTMLCanvasElement, unknown>;

const viewOf = ({ k, x, y }: ZoomTransform): MapView => ({ scale: k, x, y });
const transformOf = ({ scale, x, y }: MapView): ZoomTransform => zoomIdentity.translate(x, y).scale(scale);

/** Wheel, drag and pinch on the canvas. Loaded when the map is on the screen already. */
export class Gestures {
  readonly #canvas: HTMLCanvasElement;
  readonly #map: Gestured;
  readonly #behaviour = zoom<HTMLCanvasElement, unknown>();

  constructor(canvas: HTMLCanvasElement, map: Gestured) {
    this.#canvas = canvas;
    this.#map = map;
    this.#behaviour
      .extent(() => [[0, 0], [...map.extent()]])
      .constrain((transform) => transformOf(map.constrain(viewOf(transform))))
      .on('start', ({ sourceEvent }: Event) => {
        if (sourceEvent === null) return;
        map.onStart();
      })
      .on('zoom', ({ transform, sourceEvent }: Event) => {
        if (sourceEvent !== null) map.onView(viewOf(transform));
      });
    select(canvas).call(this.#behaviour).on('dblclick.zoom', null);
  }

  /** The view is another one now, perhaps in another frame: the next gesture starts from there. */
  startFrom(view: MapView): void {
    this.#behaviour.scaleExtent([...this.#map.scales()]);
    select(this.#canvas).call(this.#behaviour.transform, transformOf(view));
  }

  close(): void {
    select(this.#canvas).on('.zoom', null);
  }
}

/** A camera's way, as centre and width: out, over and in again. `0` is where it starts, `1` where it ends. */
export const flight = (
  from: [number, number, number],
  to: [number, number, number],
): ((part: number) => [number, number, number]) => interpolateZoom(from, to);
