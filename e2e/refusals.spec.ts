import { expect, test } from '@playwright/test';
import { Screen } from './support/screen';

test('a bad link is refused in a sentence, and the session goes on', async ({ page }) => {
  const screen = new Screen(page);
  await screen.open();
  await screen.next();
  const moment = await screen.moment();
  const good = screen.hash();
  await page.evaluate(() => {
    location.hash = '#1/p/this-is-no-session';
  });
  await expect(screen.notices.getByRole('alert')).toContainText(/link/i);
  await expect.poll(() => screen.hash()).toBe(good);
  expect(await screen.moment()).toBe(moment);
});

test('a bad link to start with leads to the usual beginning, with the reason', async ({ page }) => {
  const screen = new Screen(page);
  await screen.open('/#9999/s/nowhere/1');
  await expect(screen.notices.getByRole('alert')).toContainText(/version|link/i);
  await expect(screen.script.getByRole('button', { name: /Begin/ })).toBeVisible();
});

for (const [name, type, content, sentence] of [
  ['broken.png', 'image/png', 'not a picture', 'cannot be decoded'],
  ['empty.bin', 'application/octet-stream', '', 'empty'],
  ['bad.scenario.yaml', 'text/yaml', 'title: [unclosed', 'bad.scenario.yaml, line'],
  ['odd.json', 'application/json', '{"hello": 1}', 'odd.json'],
] as const) {
  test(`${name} is named wrong, and nothing is lost`, async ({ page }) => {
    const screen = new Screen(page);
    await screen.open();
    await screen.next();
    const moment = await screen.moment();
    await screen.drop(name, type, new TextEncoder().encode(content));
    await expect(screen.notices.getByRole('alert')).toContainText(sentence);
    await expect(screen.notices.getByRole('alert')).toContainText(name);
    expect(await screen.moment()).toBe(moment);
  });
}

test('a bad console line says what is wrong with it', async ({ page }) => {
  const screen = new Screen(page);
  await screen.open();
  await page.keyboard.press('`');
  const line = page.getByRole('combobox', { name: 'Console line' });
  await expect(line).toBeFocused();
  await line.fill('flibber 12');
  await line.press('Enter');
  await expect(page.getByRole('log')).toContainText(/flibber/);
  await line.fill('help');
  await line.press('Enter');
  await line.press('ArrowUp');
  await expect(line).toHaveValue('help');
  await line.press('ArrowUp');
  await expect(line).toHaveValue('flibber 12');
});

test('a session that this browser does not have says so', async ({ page }) => {
  const screen = new Screen(page);
  await screen.open('/#saved=00000000@12');
  await expect(screen.notices.getByRole('alert')).toContainText('not in this browser');
});
