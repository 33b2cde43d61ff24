import type { Page } from '@playwright/test';
import { atMost, type FigureDefinition } from '../figure';
import { digits, median, quantile } from '../stats';
import { openRig } from './rig';

const LONGEST_WAIT = 120_000;
const ROUNDS = 12;

/** Presses a key and says how many milliseconds later every machine’s picture of the step was on the screen. */
const press = (page: Page, key: string): Promise<number> =>
  page.evaluate(
    (code) =>
      new Promise<number>((done) => {
        const start = performance.now();
        dispatchEvent(new KeyboardEvent('keydown', { key: code, bubbles: true }));
        // The second frame begins when the first has been drawn.
        requestAnimationFrame(() => requestAnimationFrame(() => done(performance.now() - start)));
      }),
    key,
  );

const step: FigureDefinition = {
  name: 'compare',
  title: 'A step of four machines side by side, from the key to the picture, p95',
  unit: 'ms',
  target: atMost(50),
  run: async () => {
    const { page: newPage, app } = await openRig();
    const page = await newPage();
    await page.goto(`${app}#2/s/ciphertext-replay/0`, { waitUntil: 'load' });
    await page.evaluate(() => window.probe.firstPicture());
    await page.waitForTimeout(3000);
    await page.evaluate(() => window.probe.longTasks());
    const start = performance.now();
    await page.keyboard.press('c');
    await page.getByRole('article').nth(3).waitFor({ timeout: LONGEST_WAIT });
    await page.getByText('not played yet').first().waitFor({ state: 'detached', timeout: LONGEST_WAIT });
    const played = performance.now() - start;
    const keys = ['ArrowRight', 'ArrowLeft'].flatMap((key) => Array.from({ length: 4 }, () => key));
    const times: number[] = [];
    for (let round = 0; round < ROUNDS; round++)
      for (const key of keys) {
        times.push(await press(page, key));
        await page.waitForTimeout(60);
      }
    const tasks = await page.evaluate(() => window.probe.longTasks());
    await page.context().close();
    return {
      value: quantile(times, 0.95),
      reference: null,
      notes: [
        `median ${digits(median(times))} ms, longest ${digits(Math.max(...times))} ms, of ${times.length} steps`,
        `played on all four to its end ${digits(played)} ms after it was opened`,
        tasks.length === 0
          ? 'no task of the window over 50 ms'
          : `${tasks.length} tasks of the window over 50 ms, the longest ${digits(Math.max(...tasks))} ms`,
      ],
    };
  },
};

export const COMPARE_FIGURES = [step];
