import { readFileSync } from 'node:fs';
import { expect, test } from '@playwright/test';
import { Screen } from './support/screen';

const read = (name: string): unknown =>
  JSON.parse(readFileSync(new URL(`../src/scenario/library/${name}`, import.meta.url), 'utf8'));
const digests = read('digests.json') as Record<string, string>;
const cards = read('cards.json') as readonly { readonly id: string; readonly steps: number }[];

test('every scenario ends in the same bytes in this browser as in Node', async ({ page }) => {
  test.setTimeout(240_000);
  const screen = new Screen(page);
  for (const { id, steps } of cards) {
    await page.goto('about:blank');
    await screen.open(`/#1/s/${id}/${steps}`);
    const line = page.getByRole('combobox', { name: 'Console line' });
    // The console stays open from one visit to the next.
    if (id === cards[0]?.id) await page.keyboard.press('`');
    await line.fill('digest');
    await line.press('Enter');
    // What earlier visits printed is still there.
    await expect(page.getByRole('log'), id).toContainText(digests[id] ?? 'no digest');
  }
});
