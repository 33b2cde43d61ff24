import AxeBuilder from '@axe-core/playwright';
import { expect, test } from '@playwright/test';
import { Screen } from './support/screen';

for (const theme of ['dark', 'light', 'projector']) {
  test(`the frame has no violations in the ${theme} theme`, async ({ page }) => {
    await page.addInitScript(
      (chosen) => localStorage.setItem('sevscope.view', JSON.stringify({ theme: chosen })),
      theme,
    );
    test.setTimeout(120_000);
    const screen = new Screen(page);
    await screen.open();
    await screen.next();
    const check = async (what: string, part = 'html') => {
      const { violations } = await new AxeBuilder({ page }).include(part).analyze();
      expect(violations.map(({ id, nodes }) => `${what}: ${id} ${nodes[0]?.html}`)).toEqual([]);
    };
    await check('frame');
    await page.getByText('Free play', { exact: true }).click();
    await page.getByRole('button', { name: 'Write memory' }).click();
    await check('free play', 'aside');
    await page.keyboard.press('`');
    await expect(page.locator('.console')).toBeVisible();
    await check('console', '.console');
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'As a list' }).click();
    await check('timeline as a list', '.timeline');
    for (const [key, name] of [
      ['Control+k', 'Search for anything'],
      ['s', 'Scenarios'],
      ['m', 'The machine'],
      ['?', 'Keyboard shortcuts'],
      ['Control+Shift+S', 'Share this moment'],
    ] as const) {
      await page.keyboard.press(key);
      await expect(page.getByRole('dialog', { name })).toBeVisible();
      await check(name, 'dialog');
      await page.keyboard.press('Escape');
      await expect(page.getByRole('dialog')).toHaveCount(0);
    }
  });
}

test('everything goes by keyboard alone', async ({ page }) => {
  const screen = new Screen(page);
  await screen.open();
  await page.keyboard.press('Tab');
  await expect(page.getByRole('button', { name: 'Skip to the stage' })).toBeFocused();

  await page.keyboard.press('Control+k');
  await expect(page.getByRole('combobox', { name: 'Commands, views, steps, scenarios' })).toBeFocused();
  await page.keyboard.type('cache & tlb');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('tab', { name: 'Cache & TLB' })).toHaveAttribute('aria-selected', 'true');
  await page.getByRole('tab', { name: 'Cache & TLB' }).focus();
  await page.keyboard.press('Home');
  await expect(page.getByRole('tab').first()).toBeFocused();

  await screen.next();
  await screen.position.focus();
  const before = Number(await screen.position.getAttribute('aria-valuenow'));
  await page.keyboard.press('ArrowLeft');
  await expect(screen.position).toHaveAttribute('aria-valuenow', String(before - 1));
  await page.keyboard.press('End');
  await expect(screen.position).toHaveAttribute('aria-valuenow', String(before));

  const border = page.getByRole('separator', { name: 'Width of the script' });
  const width = Number(await border.getAttribute('aria-valuenow'));
  await border.focus();
  await page.keyboard.press('ArrowRight');
  await expect(border).toHaveAttribute('aria-valuenow', String(width + 16));
});

test('nothing goes over the network after the page has loaded', async ({ page, baseURL }) => {
  const screen = new Screen(page);
  await screen.open();
  for (const tab of await page.getByRole('tab').all()) await tab.click();
  await page.keyboard.press('s');
  await expect(page.getByRole('dialog')).toBeVisible();
  await page.keyboard.press('Escape');
  const asked: string[] = [];
  page.on('request', (request) => {
    const { protocol, origin } = new URL(request.url());
    if (protocol.startsWith('http') && origin !== baseURL) asked.push(request.url());
  });
  await screen.next();
  await screen.next();
  await page.keyboard.press('Space');
  await page.waitForTimeout(500);
  expect(asked).toEqual([]);
});

for (const [width, height] of [
  [1280, 720],
  [1920, 1080],
] as const) {
  test(`the frame fits ${width} × ${height} without scrolling the page`, async ({ page }) => {
    await page.setViewportSize({ width, height });
    const screen = new Screen(page);
    await screen.open();
    await screen.next();
    const size = await page.evaluate(() => ({
      width: document.documentElement.scrollWidth,
      height: document.documentElement.scrollHeight,
    }));
    expect(size).toEqual({ width, height });
  });
}

test('a phone can read along', async ({ page }) => {
  await page.setViewportSize({ width: 390, height: 844 });
  const screen = new Screen(page);
  await screen.open();
  await screen.script.getByRole('button', { name: /Begin/ }).click();
  await expect(screen.currentStep).toBeVisible();
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(390);
  await page.getByRole('button', { name: 'Menu' }).click();
  await page
    .getByRole('dialog', { name: 'Menu' })
    .getByRole('button', { name: 'Keyboard shortcuts' })
    .click();
  await expect(page.getByRole('dialog', { name: 'Keyboard shortcuts' })).toBeVisible();
});
