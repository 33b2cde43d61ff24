import { fileURLToPath } from 'node:url';
import { expect, test } from '@playwright/test';
import { scriptsOfFirstPicture } from '../.ci/first-picture.mjs';

test.use({ serviceWorkers: 'block' });

test('the first picture needs no script but those that the budget counts', async ({ page }) => {
  const counted = scriptsOfFirstPicture(fileURLToPath(new URL('../dist', import.meta.url)));
  const asked = new Set<string>();
  const held = new Set<string>();
  await page.route('**/*.js', (route) => {
    const path = new URL(route.request().url()).pathname.slice(1);
    (counted.has(path) ? asked : held).add(path);
    return counted.has(path) ? route.continue() : undefined;
  });
  await page.goto('./');
  await expect
    .poll(() => page.evaluate(() => performance.getEntriesByName('sevscope:first-picture').length))
    .toBe(1);
  await expect(page.locator('.map-canvas')).toBeVisible();
  expect([...asked].sort()).toEqual([...counted.keys()].sort());
  // The rest is asked for behind it, by the window and by the worker.
  await expect.poll(() => [...held].some((path) => path.includes('/rest-'))).toBe(true);
});
