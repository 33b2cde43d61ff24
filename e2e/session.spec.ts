import { readFileSync } from 'node:fs';
import { expect, test } from '@playwright/test';
import { circlePng, Screen } from './support/screen';

test('the script goes on and back, the address holds each moment, and Back goes back', async ({ page }) => {
  const screen = new Screen(page);
  await screen.open();
  const start = screen.hash();
  expect(start).not.toBe('');

  await screen.next();
  await expect(screen.currentStep).toContainText('1');
  const first = screen.hash();
  const firstMoment = await screen.moment();
  await screen.next();
  expect(screen.hash()).not.toBe(first);

  await page.goBack();
  await expect.poll(() => screen.moment()).toBe(firstMoment);
  expect(screen.hash()).toBe(first);
  await page.goForward();
  await expect.poll(() => screen.moment()).not.toBe(firstMoment);

  await page.keyboard.press('ArrowLeft');
  await page.keyboard.press('ArrowLeft');
  await expect.poll(() => screen.hash().split('&')[0]).toBe(start.split('&')[0]);
});

test('a reload loses nothing, and the link opens the same moment in a fresh profile', async ({
  page,
  browser,
}) => {
  const screen = new Screen(page);
  await screen.open();
  await screen.next();
  await screen.next();
  await page.keyboard.press(',');
  await page.keyboard.press(',');
  await expect.poll(() => screen.moment()).toMatch(/change/);
  await page.waitForTimeout(200);
  const moment = await screen.moment();
  const address = page.url();

  await page.reload();
  await expect.poll(() => screen.moment()).toBe(moment);
  expect(page.url()).toBe(address);

  const stranger = await (await browser.newContext()).newPage();
  const theirs = new Screen(stranger);
  await theirs.open(address);
  await expect.poll(() => theirs.moment()).toBe(moment);
});

test('a dropped picture is written by the guest, can be stepped back from, and survives a reload', async ({
  page,
}) => {
  const screen = new Screen(page);
  await screen.open();
  await screen.next();
  const before = await screen.moment();

  await screen.drop('circle.png', 'image/png', circlePng());
  const dialog = page.getByRole('dialog', { name: /circle\.png/ });
  await expect(dialog).toContainText('64 × 64 pixels');
  await dialog.getByRole('button', { name: 'Alice writes it' }).click();
  await expect(screen.notices).toContainText('circle.png is in the memory of alice');
  await expect(screen.script).toContainText('You left the script.');
  const after = await screen.moment();
  expect(after).not.toBe(before);

  await page.reload();
  await expect.poll(() => screen.moment()).toBe(after);

  await page.getByRole('button', { name: 'One change back' }).click();
  await expect.poll(() => screen.moment()).not.toBe(after);
  await page.goBack();
  await expect.poll(() => screen.moment()).toBe(after);
});

test('whoever leaves the script finds the way back', async ({ page }) => {
  const screen = new Screen(page);
  await screen.open();
  await screen.next();
  const moment = await screen.moment();
  await page.getByText('Free play', { exact: true }).click();
  await page.getByRole('button', { name: 'Write memory' }).click();
  await page.locator('form').getByRole('button', { name: 'Write memory' }).click();
  await expect(screen.script).toContainText('You left the script.');
  expect(await screen.moment()).not.toBe(moment);
  await screen.script.getByRole('button', { name: 'Return' }).click();
  await expect.poll(() => screen.moment()).toBe(moment);
  await expect(screen.script).not.toContainText('You left the script.');
});

test('the same scenario runs on another machine', async ({ page }) => {
  const screen = new Screen(page);
  await screen.open();
  await page.keyboard.press('m');
  const dialog = page.getByRole('dialog', { name: 'The machine' });
  await dialog.getByText('Genoa', { exact: true }).click();
  await dialog.getByLabel('Memory', { exact: true }).selectOption({ label: '4 GiB' });
  const before = page.url();
  await dialog.getByRole('button', { name: 'Power it on' }).click();
  await expect(page.getByRole('button', { name: /EPYC Genoa · 4 GiB/ })).toBeVisible();
  await expect.poll(() => page.url()).not.toBe(before);
  const address = page.url();
  await page.reload();
  await expect(page.getByRole('button', { name: /EPYC Genoa · 4 GiB/ })).toBeVisible();
  expect(page.url()).toBe(address);

  await page.getByRole('button', { name: /EPYC Genoa · 4 GiB/ }).click();
  await dialog.getByLabel('Xen', { exact: true }).selectOption({ label: 'Today’s Xen' });
  await expect(dialog).toContainText('every guest is an ordinary one');
  await dialog.getByRole('button', { name: 'Power it on' }).click();
  await page.keyboard.press('m');
  await expect(dialog.getByLabel('Xen', { exact: true })).toHaveValue('upstream');
});

test('a worker that dies is started again, the session replayed, and the window says so', async ({
  page,
}) => {
  const screen = new Screen(page);
  await screen.open();
  await screen.next();
  const moment = await screen.moment();
  const [worker] = page.workers();
  await worker?.evaluate(() => {
    setTimeout(() => {
      throw new Error('pulled the plug');
    });
  });
  await expect(screen.notices).toContainText('was restarted');
  await expect(screen.notices).toContainText('replayed to the same moment');
  expect(await screen.moment()).toBe(moment);
  await screen.next();
});

test('a session too long for a link lives in this browser, and goes elsewhere as a file', async ({
  page,
  browser,
}) => {
  const screen = new Screen(page);
  await screen.open();
  await screen.next();
  await screen.dropNoise('noise.bin', 40_000);
  await page.getByRole('button', { name: 'Alice writes it' }).click();
  await expect(screen.notices).toContainText('noise.bin is in the memory of alice');
  await expect.poll(() => screen.hash()).toMatch(/^#saved=/);
  const moment = await screen.moment();
  await page.waitForTimeout(1500);
  await page.reload();
  await expect.poll(() => screen.moment()).toBe(moment);

  await page.getByRole('button', { name: 'Share', exact: true }).click();
  const dialog = page.getByRole('dialog', { name: 'Share this moment' });
  await expect(dialog).toContainText('too long for a link');
  const download = page.waitForEvent('download');
  await dialog.getByRole('button', { name: 'Download the session' }).click();
  const path = await (await download).path();

  const stranger = await (await browser.newContext()).newPage();
  const theirs = new Screen(stranger);
  await theirs.open();
  const chooser = stranger.waitForEvent('filechooser');
  await stranger.keyboard.press('Control+o');
  await (await chooser).setFiles({
    name: 'session.json',
    mimeType: 'application/json',
    buffer: readFileSync(path),
  });
  await expect.poll(() => theirs.moment()).toBe(moment);
});

test('a large file loads with progress, can be cancelled, and then nothing has happened', async ({
  page,
}) => {
  const screen = new Screen(page);
  await screen.open();
  await screen.next();
  const moment = await screen.moment();
  await screen.dropNoise('large.bin', 6 * 2 ** 20);
  await page.getByRole('button', { name: 'Alice writes it' }).click();
  await expect(page.getByRole('progressbar', { name: 'Writing' })).toBeVisible();
  await page.getByRole('button', { name: 'Cancel' }).click();
  await expect(screen.notices).toContainText('You cancelled it, so nothing has happened.');
  await expect.poll(() => screen.moment()).toBe(moment);
  await expect(screen.script).not.toContainText('what-if');
});

test('a file too large for the machine comes with a larger machine', async ({ page }) => {
  const screen = new Screen(page);
  await screen.open();
  await screen.next();
  await screen.dropNoise('huge.bin', 20 * 2 ** 20);
  await page.getByRole('button', { name: 'Alice writes it' }).click();
  await expect(screen.notices).toContainText('huge.bin');
  await screen.notices.getByRole('button', { name: /Use a machine of/ }).click();
  await expect(page.getByRole('dialog', { name: /huge\.bin/ })).toBeVisible();
  await expect(page.getByRole('button', { name: /EPYC Milan · 128 MiB/ })).toBeAttached();
});
