import { expect, test } from '@playwright/test';
import { Screen } from './support/screen';

test('a guess, its answer and the console survive a reload, and a plain visit offers where the last one ended', async ({
  page,
}) => {
  const screen = new Screen(page);
  await screen.open('/#1/s/three-eyes/3');
  const question = screen.script.getByRole('group', { name: /Predict/ });
  await question.getByRole('radio').nth(1).check();
  await screen.script.getByRole('button', { name: /See what happens/ }).click();
  await expect(screen.script.getByRole('status')).toContainText(/Right\.|Not so\./);
  await page.keyboard.press('`');
  const line = page.getByRole('combobox', { name: /console/i });
  await line.fill('help');
  await line.press('Enter');
  const log = page.getByRole('log');
  await expect(log).toContainText('help');
  const printed = await log.textContent();
  const moment = await screen.moment();

  await page.reload();
  await expect.poll(() => screen.moment()).toBe(moment);
  await expect(screen.script.getByRole('status')).toContainText(/Right\.|Not so\./);
  await expect(question.getByRole('radio').nth(1)).toBeChecked();
  await expect.poll(() => log.textContent()).toBe(printed);
  await line.press('ArrowUp');
  await expect(line).toHaveValue('help');

  await page.goto('about:blank');
  await screen.open('/');
  await expect(screen.notices).toContainText('Go on where you stopped?');
  await expect(screen.notices).toContainText('step 4');
  await screen.notices.getByRole('button', { name: 'Go on' }).click();
  await expect.poll(() => screen.moment()).toBe(moment);
});
