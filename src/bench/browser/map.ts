/** Measures the memory map in a real browser: a bench page hands in a canvas of the size to be measured. */
import { chooseColumns, fitView, layoutOf, type MapView } from '../../ui/map/layout';
import { createPalette } from '../../ui/map/palette';
import { MapRenderer } from '../../ui/map/renderer';
import { mapThemeOf } from '../../ui/map/themes';
import { currentTheme } from '../../ui/theme/theme';
import '../../ui/theme/tokens.css';
import { quantile } from '../stats';
import { type SyntheticMachine, syntheticMachine } from './syntheticMachine';

export interface MapBenchOptions {
  readonly pageCount: number;
  /** Pages changed at random before each frame. */
  readonly changes: number;
  readonly frames?: number;
  /** Pan and zoom between the whole map and so many CSS pixels a cell. */
  readonly closest?: number;
  /** Device pixels a CSS pixel. */
  readonly ratio?: number;
}

export interface MapBenchResult {
  /** Milliseconds until the first picture of the machine, its words being known. */
  readonly openMs: number;
  readonly scriptMsMedian: number;
  readonly scriptMsP95: number;
  readonly frameMsMedian: number;
  readonly frameMsP95: number;
  readonly frameMsMost: number;
  readonly fps: number;
}

const MARGIN = 8;

export async function measureMap(
  canvas: HTMLCanvasElement,
  options: MapBenchOptions,
): Promise<MapBenchResult> {
  const { pageCount, changes, frames = 120, closest = 4, ratio = 1 } = options;
  const machine = syntheticMachine(pageCount);
  const opening = performance.now();
  const { renderer, whole } = open(canvas, machine, ratio);
  const openMs = performance.now() - opening;
  const patches = Array.from({ length: 8 }, () => machine.change(changes));
  const script: number[] = [];
  const intervals: number[] = [];
  // The first one carries the time at which it was due, from before the work above.
  await nextFrame();
  let last = await nextFrame();
  for (let n = 0; n < frames; n++) {
    const started = performance.now();
    if (changes > 0) machine.mirror.apply(patches[n % patches.length] as Uint32Array);
    renderer.setView(travel(whole, canvas, ratio, n / frames, closest));
    renderer.draw();
    script.push(performance.now() - started);
    const now = await nextFrame();
    intervals.push(now - last);
    last = now;
  }
  renderer.close();
  return {
    openMs,
    scriptMsMedian: quantile(script, 0.5),
    scriptMsP95: quantile(script, 0.95),
    frameMsMedian: quantile(intervals, 0.5),
    frameMsP95: quantile(intervals, 0.95),
    frameMsMost: quantile(intervals, 1),
    fps: (1000 * frames) / intervals.reduce((sum, ms) => sum + ms, 0),
  };
}

/** Makes one page hot on the whole map and reads back how many pixels around its place have changed by that. */
export function hotPagePixels(canvas: HTMLCanvasElement, pageCount: number): number {
  const machine = syntheticMachine(pageCount);
  const { renderer, whole } = open(canvas, machine, 1);
  const pfn = Math.floor(pageCount * 0.47);
  const { columns } = renderer.model.layout;
  const x = Math.round(whole.x + (pfn % columns) * whole.scale);
  const y = Math.round(whole.y + Math.floor(pfn / columns) * whole.scale);
  const read = (): Uint8ClampedArray => {
    renderer.draw();
    return (canvas.getContext('2d') as CanvasRenderingContext2D).getImageData(x - 8, y - 8, 16, 16).data;
  };
  const before = read();
  machine.mirror.apply(Uint32Array.of(pfn, machine.mirror.word(pfn)), true);
  const after = read();
  renderer.close();
  let changed = 0;
  for (let i = 0; i < after.length; i += 4)
    if ([0, 1, 2].some((part) => Math.abs((after[i + part] ?? 0) - (before[i + part] ?? 0)) > 24)) changed++;
  return changed;
}

function open(
  canvas: HTMLCanvasElement,
  machine: SyntheticMachine,
  ratio: number,
): { renderer: MapRenderer; whole: MapView } {
  const width = canvas.clientWidth;
  const height = canvas.clientHeight;
  const layout = layoutOf(machine.pageCount, chooseColumns(machine.pageCount, width, height));
  const palette = createPalette('owner', mapThemeOf(currentTheme(), 'dark'));
  const renderer = new MapRenderer(canvas, { source: machine.mirror, layout, palette });
  renderer.show({ regions: machine.regions, still: true });
  const whole = fitView(layout, width, height, MARGIN);
  renderer.setView(whole);
  renderer.resize(width, height, ratio);
  return { renderer, whole };
}

/** There and back, moving aside all the while. */
function travel(
  whole: MapView,
  canvas: HTMLCanvasElement,
  ratio: number,
  part: number,
  closest: number,
): MapView {
  const depth = (1 - Math.cos(part * 2 * Math.PI)) / 2;
  const scale = whole.scale * (Math.max(closest, whole.scale) / whole.scale) ** depth;
  const middle = { x: canvas.width / ratio / 2, y: canvas.height / ratio / 2 };
  const focus = { x: (middle.x - whole.x) / whole.scale, y: (middle.y - whole.y) / whole.scale };
  return {
    scale,
    x: middle.x - focus.x * scale + Math.sin(part * 9) * 200,
    y: middle.y - focus.y * scale + Math.cos(part * 7) * 120,
  };
}

const nextFrame = (): Promise<number> => new Promise((done) => requestAnimationFrame(done));
