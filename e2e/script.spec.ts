import { expect, test } from '@playwright/test';
import { Screen } from './support/screen';

test('a question before a step is answered by the machine after it', async ({ page }) => {
  const screen = new Screen(page);
  await screen.open('/#1/s/three-eyes/3');
  const question = screen.script.getByRole('group', { name: /Predict/ });
  await question.getByRole('radio').first().check();
  await screen.script.getByRole('button', { name: /See what happens/ }).click();
  await expect(screen.script.getByRole('status')).toContainText(/Right\.|Not so\./);
  await expect(question.getByLabel('this came true')).toHaveCount(1);
  await expect(question.getByRole('radio').first()).toBeDisabled();
});

test('a broken promise names its evidence and leads to the moment', async ({ page }) => {
  const screen = new Screen(page);
  await screen.open('/#1/s/without-a-tweak/2');
  const broken = await screen.position.getAttribute('aria-valuenow');
  await page.getByText('Free play', { exact: true }).click();
  await page.getByRole('button', { name: 'Read memory' }).click();
  await page.locator('form').getByRole('button', { name: 'Read memory' }).click();
  await expect(screen.position).not.toHaveAttribute('aria-valuenow', broken ?? '');

  await page.getByRole('button', { name: 'Integrity broken' }).click();
  await page.getByRole('button', { name: /Go to that moment/ }).click();
  await expect(screen.position).toHaveAttribute('aria-valuenow', broken ?? '');
  await expect(page.getByRole('button', { name: 'Integrity broken' })).toBeVisible();
});

test('the library opens a scenario by a row of the talk', async ({ page }) => {
  const screen = new Screen(page);
  await screen.open();
  await page.keyboard.press('s');
  await expect(page.getByRole('combobox', { name: /Search by title/ })).toBeFocused();
  await page.keyboard.type('sme-6');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await expect.poll(() => screen.hash()).toMatch(/cold-boot\/0/);
  await expect(screen.script.getByRole('heading', { name: 'Cold boot' })).toBeVisible();
});

test('the timeline is scrubbed, zoomed and played', async ({ page }) => {
  const screen = new Screen(page);
  await screen.open('/#1/s/three-eyes/2');
  const box = await screen.position.boundingBox();
  if (!box) throw new Error('the timeline has no place');
  const at = (part: number) => [box.x + box.width * part, box.y + box.height / 2] as const;
  await page.mouse.move(...at(0.9));
  await page.mouse.down();
  await page.mouse.move(...at(0.4), { steps: 8 });
  await page.mouse.up();
  const scrubbed = Number(await screen.position.getAttribute('aria-valuenow'));
  const length = Number(await screen.position.getAttribute('aria-valuemax'));
  expect(scrubbed).toBeLessThan(length);
  await page.mouse.wheel(0, -600);

  await page.getByRole('button', { name: 'play' }).click();
  await expect
    .poll(async () => Number(await screen.position.getAttribute('aria-valuenow')))
    .toBeGreaterThan(scrubbed);
  await page.getByRole('button', { name: 'pause', exact: true }).click();

  await page.getByRole('button', { name: 'As a list' }).click();
  await page
    .getByRole('table', { name: /calls around/ })
    .getByRole('button')
    .first()
    .click();
  await expect(
    page
      .getByRole('row')
      .filter({ has: page.getByRole('button') })
      .first(),
  ).toBeVisible();
});

test('one key presents, one blanks the screen', async ({ page }) => {
  const screen = new Screen(page);
  await screen.open();
  await page.keyboard.press('p');
  await expect(screen.script).toBeHidden();
  await screen.next();
  await page.keyboard.press('p');
  await expect(screen.script).toBeVisible();
  await page.keyboard.press('b');
  await expect(page.getByRole('button', { name: /blanked/ })).toBeVisible();
  const moment = await screen.moment();
  await page.keyboard.press('ArrowRight');
  await expect(page.getByRole('button', { name: /blanked/ })).toBeHidden();
  expect(await screen.moment()).toBe(moment);
});
