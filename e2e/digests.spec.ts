import { readFileSync } from 'node:fs';
import { expect, test } from '@playwright/test';
import { Screen } from './support/screen';

const read = (name: string): unknown =>
  JSON.parse(readFileSync(new URL(`../src/scenario/library/${name}`, import.meta.url), 'utf8'));
const digests = read('digests.json') as Record<string, string>;
const cards = read('cards.json') as readonly { readonly id: string; readonly steps: number }[];

for (const { id, steps } of cards)
  test(`${id} ends in the same bytes in this browser as in Node`, async ({ page }) => {
    test.setTimeout(90_000);
    const screen = new Screen(page);
    await screen.open(`/#1/s/${id}/${steps}`);
    await page.keyboard.press('`');
    const line = page.getByRole('combobox', { name: 'Console line' });
    await line.fill('digest');
    await line.press('Enter');
    await expect(page.getByRole('log')).toContainText(digests[id] ?? 'no digest', { timeout: 30_000 });
  });
