import { readFile } from 'node:fs/promises';
import AxeBuilder from '@axe-core/playwright';
import { expect, type Locator, type Page, test } from '@playwright/test';
import { Screen } from './support/screen';

/** A game, opened as a visitor would: from free play. */
async function openGame(page: Page, level: RegExp): Promise<Locator> {
  const screen = new Screen(page);
  await screen.open();
  const column = screen.script;
  await column.getByRole('radio', { name: 'Free play' }).click({ force: true });
  await column.getByRole('button', { name: 'Be the attacker' }).click();
  await column.getByRole('button', { name: level }).click();
  await expect(column.getByRole('heading', { name: 'Be the attacker' })).toBeVisible();
  await expect(column.getByRole('status')).toContainText('Before the first move.');
  return column;
}

/** Where one of Alice’s pages lies, as the table says it. */
async function spaOf(column: Locator, name: string): Promise<string> {
  const row = column.getByRole('row', { name: new RegExp(`^${name} `) });
  return (await row.getByRole('button').textContent()) ?? '';
}

/** Fills in one of the forms and plays it. */
async function play(column: Locator, title: string, fields: Readonly<Record<string, string>>): Promise<void> {
  const moves = column.getByRole('region', { name: 'Your moves' });
  const heading = moves.getByRole('button', { name: title, exact: true });
  if ((await heading.first().getAttribute('aria-expanded')) !== 'true') await heading.first().click();
  for (const [name, value] of Object.entries(fields))
    await moves.getByLabel(name, { exact: true }).fill(value);
  await moves.locator('form').getByRole('button', { name: title, exact: true }).click();
}

const SCRATCH = '0x80000';

async function replay(column: Locator): Promise<void> {
  const account = await spaOf(column, 'account');
  const standing = column.getByRole('status').first();
  await play(column, 'Copy memory', { From: account, To: SCRATCH, 'Length (optional)': '16' });
  await expect(standing).toContainText('Move 1');
  await column.getByRole('button', { name: 'Spend 990 EUR' }).click();
  await expect(standing).toContainText('Move 2');
  await play(column, 'Copy memory', { From: SCRATCH, To: account, 'Length (optional)': '16' });
  await expect(standing).toContainText('Move 3');
  await column.getByRole('button', { name: 'Look at her balance' }).click();
  await expect(standing).toContainText('Move 4');
}

const goal = (column: Locator, title: string): Locator =>
  column.getByRole('listitem').filter({ hasText: title }).first();

test('the old balance is put back on SEV-ES, undone, shared and saved', async ({ page }) => {
  const column = await openGame(page, /^SEV-ES/);
  await replay(column);
  const balance = goal(column, 'Make her see the old balance');
  await expect(balance).toContainText('reached at move 4');
  await expect(balance).toContainText('what it had overwritten since');
  await expect(column).toContainText('balance=1000 EUR');
  const lamps = page.getByRole('list', { name: 'Properties' });
  await expect(lamps.getByRole('button', { name: /Freshness broken/ })).toBeVisible();

  const [download] = await Promise.all([
    page.waitForEvent('download'),
    column.getByRole('button', { name: 'Save as a scenario' }).click(),
  ]);
  expect(download.suggestedFilename()).toBe('my-attack.scenario.yaml');
  const file = await readFile(await download.path());

  const link = new Screen(page).hash();
  expect(link).toMatch(/^#2\/p\//);
  await column.getByRole('button', { name: 'Undo' }).click();
  await expect(column.getByRole('status').first()).toContainText('Move 3 of 4');
  await expect(balance).toContainText('open');

  await page.goto(`/${link}`);
  await page.reload();
  await expect(balance).toContainText('reached at move 4');

  const screen = new Screen(page);
  await screen.drop('mine.scenario.yaml', 'application/yaml', file);
  await expect(column.getByRole('heading', { name: 'My attack on SEV-ES' })).toBeVisible();
  for (let step = 0; step < 5; step++) await screen.next();
  await expect(lamps.getByRole('button', { name: /Freshness broken/ })).toBeVisible();
});

test('on SEV-SNP the same moves are refused by the RMP, and hints say so', async ({ page }) => {
  const column = await openGame(page, /^SEV-SNP The RMP/);
  await replay(column);
  const balance = goal(column, 'Make her see the old balance');
  await expect(balance).toContainText('open');
  await expect(column).toContainText('balance=0010 EUR');
  await column.getByRole('button', { name: 'Undo' }).click();
  await expect(column).toContainText(/#PF .*Hypervisor-Owned does not hold/);
  await balance.getByRole('button', { name: /Hint 1 of 3/ }).click();
  await balance.getByRole('button', { name: /Hint 2 of 3/ }).click();
  await expect(balance).toContainText('knows that the page is Alice’s');
});

test('a role is held to its own moves', async ({ page }) => {
  const column = await openGame(page, /^SEV One|^SEV Alice/);
  await column.getByRole('radio', { name: 'Device' }).click({ force: true });
  const moves = column.getByRole('region', { name: 'Your moves' });
  await expect(moves.getByRole('button')).toHaveText(['DMA read', 'DMA write']);
  await column.getByRole('radio', { name: 'Hypervisor' }).click({ force: true });
  await replay(column);
  await column.getByRole('radio', { name: 'Device' }).click({ force: true });
  await expect(column.getByRole('status').first()).toContainText('nothing counts');
  await expect(goal(column, 'Make her see the old balance')).toContainText('open');
});

test('a game is opened from the palette, and its address says whose hands one has', async ({ page }) => {
  const screen = new Screen(page);
  await screen.open();
  await page.keyboard.press('Control+k');
  const palette = page.getByRole('dialog', { name: 'Search for anything' });
  await expect(palette).toBeVisible();
  await page.keyboard.type('be the attacker');
  await expect(palette.getByRole('option')).toHaveText(/a game against Alice/);
  await page.keyboard.press('Enter');
  const column = screen.script;
  await expect(column.getByRole('heading', { name: 'Be the attacker' })).toBeVisible();
  await expect(column.getByLabel('Alice is protected by')).toHaveValue('sev');
  await expect(column.getByRole('radio', { name: 'Hypervisor' })).toBeChecked();
  await column.getByRole('radio', { name: 'Device' }).click({ force: true });
  await expect.poll(() => screen.hash()).toMatch(/&as=device$/);

  await page.reload();
  await expect(column.getByRole('radio', { name: 'Device' })).toBeChecked();
  const link = screen.hash();
  await column.getByRole('radio', { name: 'Hypervisor' }).click({ force: true });
  await expect.poll(() => screen.hash()).not.toContain('&as=');
  await page.goto(`/${link}`);
  await expect(column.getByRole('radio', { name: 'Device' })).toBeChecked();

  await column.getByRole('button', { name: 'Leave' }).click();
  await expect.poll(() => screen.hash()).toMatch(/^#2\/s\/three-eyes/);
});

for (const theme of ['dark', 'light', 'projector'])
  test(`accessible, ${theme}`, async ({ page }) => {
    await page.emulateMedia({ reducedMotion: 'reduce' });
    await page.addInitScript(
      (chosen) => localStorage.setItem('sevscope.view', JSON.stringify({ theme: chosen })),
      theme,
    );
    const column = await openGame(page, /^SEV-ES/);
    await replay(column);
    await goal(column, 'Read the PIN')
      .getByRole('button', { name: /Hint 1/ })
      .click();
    const { violations } = await new AxeBuilder({ page }).include('.app-script').analyze();
    expect(violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)])).toEqual([]);
  });
