import { atLeast, atMost, type Figure, type FigureDefinition, type Target } from '../figure';
import { digits, median } from '../stats';
import type { MapBenchResult } from './map';
import { openRig } from './rig';

const MILLION = 2 ** 20;
const RUNS = 3;

interface MapRun extends MapBenchResult {
  /** Script a frame of a plain picture, in the same run. */
  readonly plain: number;
}

const runs = new Map<string, Promise<MapRun>>();

/** Pans and zooms; of three runs the one in the middle. Runs once for all figures that ask for it. */
function run(pageCount: number, changes: number): Promise<MapRun> {
  const name = `${pageCount}/${changes}`;
  const known = runs.get(name) ?? measure(pageCount, changes);
  runs.set(name, known);
  return known;
}

async function measure(pageCount: number, changes: number): Promise<MapRun> {
  const { page: newPage, bench: address } = await openRig();
  const page = await newPage();
  await page.goto(address, { waitUntil: 'load' });
  const all: MapRun[] = [];
  for (let n = 0; n < RUNS; n++) {
    const plain = await page.evaluate((count) => window.bench.plainMap(count), changes);
    const own = await page.evaluate((options) => window.bench.map(options), { pageCount, changes });
    all.push({ ...own, plain });
  }
  await page.context().close();
  return all.sort((a, b) => a.scriptMsMedian - b.scriptMsMedian)[Math.floor(RUNS / 2)] as MapRun;
}

const details = (result: MapRun): readonly string[] => [
  `script median ${digits(result.scriptMsMedian)} ms, p95 ${digits(result.scriptMsP95)} ms; frame median ${digits(result.frameMsMedian)} ms, p95 ${digits(result.frameMsP95)} ms, most ${digits(result.frameMsMost)} ms; opened in ${digits(result.openMs)} ms`,
];

const script = (name: string, title: string, changes: number): FigureDefinition => ({
  name,
  title,
  unit: 'ms',
  target: atMost(3),
  run: async () => {
    const result = await run(MILLION, changes);
    const { scriptMsMedian: value, plain } = result;
    const reference = { what: 'a plain picture', ratio: value / plain };
    return { value, reference: plain > 0 ? reference : null, notes: details(result) };
  },
});

const frames = (
  name: string,
  title: string,
  pageCount: number,
  changes: number,
  target: Target,
): FigureDefinition => ({
  name,
  title,
  unit: 'fps',
  target,
  run: async (): Promise<Figure> => {
    const result = await run(pageCount, changes);
    return { value: Math.round(result.fps), reference: null, notes: details(result) };
  },
});

const hotPage: FigureDefinition = {
  name: 'map-hot',
  title: 'Pixels that one hot page of a million changes, from afar',
  unit: 'pixels',
  target: atLeast(4),
  run: async () => {
    const { page: newPage, bench: address } = await openRig();
    const page = await newPage();
    await page.goto(address, { waitUntil: 'load' });
    const sizes = [MILLION, 16 * MILLION];
    const seen = await Promise.all(
      sizes.map((count) => page.evaluate((pages) => window.bench.hotPage(pages), count)),
    );
    await page.context().close();
    const value = Math.min(...seen);
    return { value, reference: null, notes: [`${seen[0]} on 4 GiB, ${seen[1]} on 64 GiB`] };
  },
};

const opening: FigureDefinition = {
  name: 'map-64gib-open',
  title: 'First picture of a map of 64 GiB, all pages known',
  unit: 'ms',
  target: null,
  run: async () => {
    const small = await run(MILLION, 0);
    const large = await run(16 * MILLION, 0);
    const ratio = median([large.openMs]) / small.openMs;
    return { value: large.openMs, reference: { what: '4 GiB', ratio }, notes: [] };
  },
};

export const MAP_FIGURES = [
  script('map-script', 'Map of 1,048,576 pages, panned and zoomed: script a frame', 0),
  frames('map-fps', 'The same: frames', MILLION, 0, atLeast(60)),
  script('map-changing-script', 'The same while 1,000 pages change a frame: script', 1000),
  frames('map-changing-fps', 'The same: frames', MILLION, 1000, atLeast(60)),
  hotPage,
  opening,
  frames('map-64gib-fps', 'Map of 64 GiB, panned and zoomed', 16 * MILLION, 0, atLeast(30)),
];
