import type { Page } from '@playwright/test';
import { encodeFile } from '../../history/file';
import { saveSession } from '../../history/saved';
import { atLeast, atMost, type FigureDefinition } from '../figure';
import { digits } from '../stats';
import { longSession } from '../work/play';
import { CHANGES, seekFigure } from '../work/seek';
import { xexFigure } from '../work/xex';
import { openRig } from './rig';

async function onBenchPage<T>(work: (page: Page) => Promise<T>): Promise<T> {
  const { page: newPage, bench: address } = await openRig();
  const page = await newPage();
  await page.goto(address, { waitUntil: 'load' });
  const result = await work(page);
  await page.context().close();
  return result;
}

const xex: FigureDefinition = {
  name: 'worker-aes',
  title: 'AES engine, xex-linear ÷ its cipher alone, in a browser’s worker',
  unit: '×',
  target: atLeast(0.9),
  run: async () => xexFigure(await onBenchPage((page) => page.evaluate(() => window.bench.inWorker('xex')))),
};

const seek: FigureDefinition = {
  name: 'worker-seek',
  title: 'Going anywhere in 100,000 page changes, in a browser’s worker, p95',
  unit: 'ms',
  target: atMost(16),
  run: async () =>
    seekFigure(await onBenchPage((page) => page.evaluate(() => window.bench.inWorker('seek')))),
};

const move: FigureDefinition = {
  name: 'worker-move',
  title: 'The same asked of the app’s worker, two guests at work, until the window knows, p95',
  unit: 'ms',
  target: atMost(16),
  run: async () => {
    const file = encodeFile(saveSession(longSession(CHANGES).session, ''));
    if (!(file instanceof Uint8Array)) throw new Error('the session is too large for a file');
    const text = new TextDecoder().decode(file);
    const { p50, p95, most, length } = await onBenchPage((page) =>
      page.evaluate((session) => window.bench.moves(session), text),
    );
    const notes = [`median ${digits(p50)} ms, most ${digits(most)} ms, ${length} changes`];
    return { value: p95, reference: null, notes };
  },
};

const launch: FigureDefinition = {
  name: 'launch',
  title: 'SNP launch of an image of 4 MiB, recorded page by page, in a browser’s worker',
  unit: 'ms',
  target: atMost(350),
  run: async () => {
    const { ms, alone, changes } = await onBenchPage((page) =>
      page.evaluate(() => window.bench.inWorker('launch')),
    );
    const reference = { what: 'its cipher and hashes alone', ratio: ms / alone };
    return { value: ms, reference, notes: [`${changes} changes; cipher and hashes ${digits(alone)} ms`] };
  },
};

export const WORKER_FIGURES = [xex, seek, move, launch];
