import { atMost, type FigureDefinition } from '../figure';
import { digits, median } from '../stats';
import { openRig, type Rig } from './rig';

const LOADS = 5;
const REFERENCE = '__reference';

/** Opens the app as somebody who was never here; milliseconds from the navigation. */
async function coldLoad({ page: newPage, app }: Rig): Promise<{ drawn: number; seen: number }> {
  const page = await newPage();
  await page.goto(app, { waitUntil: 'commit' });
  const picture = await page.evaluate(() => window.probe.firstPicture());
  await page.context().close();
  return picture;
}

/** An empty page with one script that says at once that it has drawn. */
async function plainLoad({ page: newPage, app }: Rig): Promise<number> {
  const page = await newPage();
  const body = '<!doctype html><title>-</title><script>performance.mark("sevscope:first-picture")</script>';
  await page.route(`**/${REFERENCE}`, (route) => route.fulfill({ contentType: 'text/html', body }));
  await page.goto(app + REFERENCE, { waitUntil: 'commit' });
  const { seen } = await page.evaluate(() => window.probe.firstPicture());
  await page.context().close();
  return seen;
}

const picture: FigureDefinition = {
  name: 'first-picture',
  title: 'First picture after navigation',
  unit: 's',
  target: atMost(1),
  run: async () => {
    const rig = await openRig();
    const rounds: { own: Awaited<ReturnType<typeof coldLoad>>; plain: number }[] = [];
    for (let n = 0; n < LOADS; n++) rounds.push({ own: await coldLoad(rig), plain: await plainLoad(rig) });
    const seen = rounds.map(({ own }) => own.seen / 1000);
    const ratio = median(rounds.map(({ own, plain }) => own.seen / plain));
    return {
      value: median(seen),
      reference: { what: 'an empty page', ratio },
      notes: [
        `${LOADS} cold loads: ${seen.map(digits).join(', ')} s; the map was drawn ${digits(median(rounds.map(({ own }) => own.seen - own.drawn)))} ms before`,
      ],
    };
  },
};

const bytes: FigureDefinition = {
  name: 'first-bytes',
  title: 'JavaScript asked for until the first picture, gzip',
  unit: 'kB',
  target: atMost(150),
  run: async () => {
    const { page: newPage, app, requests, gzipped } = await openRig();
    const page = await newPage({ serviceWorkers: 'block' });
    const before = requests.length;
    await page.goto(app, { waitUntil: 'commit' });
    const { origin, drawn } = await page.evaluate(() => window.probe.firstPicture());
    await page.context().close();
    const asked = requests.slice(before).filter(({ at }) => at <= origin + drawn);
    const scripts = [...new Set(asked.map(({ path }) => path).filter((path) => path.endsWith('.js')))];
    const sizes = await Promise.all(scripts.map(async (path) => ({ path, kB: await gzipped(path) })));
    const largest = sizes.sort((a, b) => b.kB - a.kB).slice(0, 6);
    return {
      value: sizes.reduce((sum, { kB }) => sum + kB, 0),
      reference: null,
      notes: [
        `${sizes.length} files; the largest: ${largest.map(({ path, kB }) => `${path.replace('assets/', '')} ${digits(kB)}`).join(', ')}`,
      ],
    };
  },
};

export const FIRST_FIGURES = [picture, bytes];
