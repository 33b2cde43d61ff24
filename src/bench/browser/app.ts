import type { Page } from '@playwright/test';
import type { Action } from '../../engine/actions';
import { completeConfig } from '../../engine/config';
import type { MachineConfig } from '../../engine/core/config';
import { encodeLink } from '../../history/permalink';
import { atLeast, atMost, type FigureDefinition } from '../figure';
import { digits, quantile } from '../stats';
import { createGuest, done, machine } from '../work/play';
import { openRig } from './rig';

const MIB = 2 ** 20;
const GIB = 2 ** 30;
const FRAMES = 240;
const ACTIONS = 100;

/** The app with a machine of so much memory on which these actions were performed. */
async function openApp(
  memory: number,
  actions: readonly Action[],
  kind: Partial<MachineConfig> = {},
): Promise<Page> {
  const { page: newPage, app } = await openRig();
  const config = completeConfig({ memory, ...kind });
  const cursor = { action: actions.length - 1, offset: Number.MAX_SAFE_INTEGER };
  const saved = { config, actions, cursor, view: '', blobs: new Map() };
  const link = await encodeLink<Action>({ kind: 'play', saved });
  if (typeof link !== 'string') throw new Error('the session is too long for a link');
  const page = await newPage();
  await page.goto(app + link, { waitUntil: 'load' });
  await page.evaluate(() => window.probe.firstPicture());
  return page;
}

const roundTrip: FigureDefinition = {
  name: 'round-trip',
  title: 'An action from the key to the picture, p95',
  unit: 'ms',
  target: atMost(50),
  run: async () => {
    const create = createGuest('alice', MIB);
    const { at } = noteOf(create);
    const page = await openApp(16 * MIB, [
      create,
      { type: 'guest.write', guest: 'alice', data: 'balance=0 EUR' },
    ]);
    await page.keyboard.press('Backquote');
    const input = page.getByRole('combobox', { name: 'Console line' });
    const enter = async (line: string): Promise<number> => {
      await input.fill(line);
      await page.waitForTimeout(100);
      await page.evaluate(() => window.probe.awaitAnswer());
      await input.press('Enter');
      return page.evaluate(() => window.probe.answer());
    };
    const acted: number[] = [];
    const cleared: number[] = [];
    for (let n = 0; n < ACTIONS; n++) {
      acted.push(await enter(`guest.write alice balance=${n} at=0x${at.toString(16)}`));
      cleared.push(await enter('clear'));
    }
    await page.context().close();
    const middle = quantile(acted, 0.5);
    return {
      value: quantile(acted, 0.95),
      reference: { what: 'a line that only the window answers', ratio: middle / quantile(cleared, 0.5) },
      notes: [
        `median ${digits(middle)} ms, most ${digits(quantile(acted, 1))} ms, of ${ACTIONS} writes; the window alone ${digits(quantile(cleared, 0.5))} ms`,
      ],
    };
  },
};

/** Where the guest's note will lie: the same actions give the same addresses. */
function noteOf(create: Action): { at: number } {
  const player = machine(16 * MIB);
  done(player, create);
  return { at: Number(done(player, { type: 'guest.write', guest: 'alice', data: 'balance=0 EUR' }).at) };
}

const longTasks: FigureDefinition = {
  name: 'long-tasks',
  title: 'Tasks of the window over 50 ms while 16 MiB are loaded on 4 GiB',
  unit: 'tasks',
  target: atMost(0),
  run: async () => {
    const page = await openApp(4 * GIB, [createGuest('alice', 128 * MIB)]);
    await page.waitForTimeout(1000);
    await page.evaluate(() => window.probe.drop('bench.bin', 16 * 2 ** 20));
    const write = page.getByRole('dialog').getByRole('button', { name: /writes it/ });
    await write.waitFor();
    await page.waitForTimeout(1000);
    await page.evaluate(() => window.probe.longTasks());
    const start = performance.now();
    await write.click();
    await page.getByText('bench.bin is in the memory of alice').waitFor({ timeout: 300_000 });
    const seconds = (performance.now() - start) / 1000;
    await page.waitForTimeout(1000);
    const tasks = await page.evaluate(() => window.probe.longTasks());
    await page.context().close();
    const longest = tasks.length > 0 ? `, the longest ${digits(Math.max(...tasks))} ms` : '';
    return { value: tasks.length, reference: null, notes: [`loaded in ${digits(seconds)} s${longest}`] };
  },
};

/** Seconds of script on the page's main thread so far. */
async function scriptSeconds(page: Page): Promise<() => Promise<number>> {
  const session = await page.context().newCDPSession(page);
  await session.send('Performance.enable');
  return async () => {
    const { metrics } = await session.send('Performance.getMetrics');
    return metrics.find(({ name }) => name === 'ScriptDuration')?.value ?? Number.NaN;
  };
}

const wholeApp = (name: string, title: string, memory: number, least: number): FigureDefinition => ({
  name,
  title,
  unit: 'fps',
  target: atLeast(least),
  run: async () => {
    const page = await openApp(memory, [createGuest('alice', 128 * MIB)]);
    await page.waitForTimeout(1000);
    const script = await scriptSeconds(page);
    const before = await script();
    const { fps, frameP95 } = await page.evaluate((count) => window.probe.sweep(count), FRAMES);
    const perFrame = ((await script()) - before) * (1000 / FRAMES);
    await page.context().close();
    return {
      value: Math.round(fps),
      reference: { what: '60 fps', ratio: fps / 60 },
      notes: [`${digits(perFrame)} ms of script a frame; frame p95 ${digits(frameP95)} ms`],
    };
  },
});

const mapLaunch: FigureDefinition = {
  name: 'map-launch',
  title: 'The map of 4 GiB, panned and zoomed while SNP guests are launched',
  unit: 'fps',
  target: atLeast(60),
  run: async () => {
    const page = await openApp(4 * GIB, [], { technology: 'sev-snp', generation: 'milan' });
    await page.keyboard.press('Backquote');
    const input = page.getByRole('combobox', { name: 'Console line' });
    await page.waitForTimeout(1000);
    await page.evaluate(() => window.probe.longTasks());
    const sweep = page.evaluate((count) => window.probe.sweep(count), FRAMES);
    for (const name of LAUNCHED) {
      await input.fill(`xl create alice.cfg 'name="${name}"' memory=256`);
      await input.press('Enter');
    }
    const { fps, frameP95 } = await sweep;
    const log = page.getByRole('log');
    for (const name of LAUNCHED) await log.getByText(`guest: ${name}`).waitFor({ timeout: 60_000 });
    const tasks = await page.evaluate(() => window.probe.longTasks());
    await page.context().close();
    const longest = tasks.length > 0 ? `${digits(Math.max(...tasks))} ms` : 'below 50 ms';
    return {
      value: Math.round(fps),
      reference: { what: '60 fps', ratio: fps / 60 },
      notes: [`longest task ${longest}; frame p95 ${digits(frameP95)} ms`],
    };
  },
};

/** Guests that are launched one after the other while the map moves. */
const LAUNCHED = ['alice', 'bob', 'carol', 'dave'];

export const APP_FIGURES = [
  roundTrip,
  longTasks,
  mapLaunch,
  wholeApp('app-4gib-fps', 'The whole app on 4 GiB, its map panned and zoomed', 4 * GIB, 60),
  wholeApp('app-64gib-fps', 'The whole app on 64 GiB, its map panned and zoomed', 64 * GIB, 30),
];
