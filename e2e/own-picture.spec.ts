import { expect, test } from '@playwright/test';
import { circlePng, Screen } from './support/screen';

test('a script runs with a dropped picture, and reload, Back and Forward keep it', async ({ page }) => {
  const screen = new Screen(page);
  await screen.open('/#1/s/cold-boot/0');
  await screen.drop('circle.png', 'image/png', circlePng());
  const dialog = page.getByRole('dialog', { name: /circle\.png/ });
  await dialog.getByRole('button', { name: 'Use it in the script' }).click();
  await expect(screen.notices).toContainText('The script runs with circle.png');
  await expect(screen.script).toContainText('With circle.png');
  await expect.poll(() => screen.hash()).toMatch(/^#saved=/);

  await screen.next();
  await screen.next();
  await screen.next();
  await expect(screen.currentStep).toContainText('Bob loads a picture');
  await expect(screen.script).not.toContainText('You left the script.');
  const address = screen.hash();
  const moment = await screen.moment();
  await page.waitForTimeout(1500);
  await page.reload();
  await expect.poll(() => screen.moment()).toBe(moment);
  await expect(screen.currentStep).toContainText('Bob loads a picture');
  await expect(screen.script).toContainText('With circle.png');

  await screen.script.getByRole('button', { name: 'Use the usual one' }).click();
  await expect.poll(() => screen.hash()).toMatch(/^#2\/s\/cold-boot\/3/);
  await expect(screen.script.getByRole('button', { name: 'Use your own picture' })).toBeVisible();
  await page.goBack();
  await expect.poll(() => screen.hash()).toBe(address);
  await expect(screen.script).toContainText('With circle.png');
  await expect(screen.currentStep).toContainText('Bob loads a picture');

  await page.getByRole('button', { name: 'Share', exact: true }).click();
  await expect(page.getByRole('dialog', { name: 'Share this moment' })).toContainText('too long for a link');
});
