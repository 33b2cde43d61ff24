import { expect, type Page, test } from '@playwright/test';

/** Everything that the page complains about, the Content-Security-Policy's refusals included. */
function complaints(page: Page): string[] {
  const list: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') list.push(message.text());
  });
  page.on('pageerror', (error) => list.push(error.message));
  return list;
}

test('the page loads under its policy, from this server alone, and complains about nothing', async ({
  page,
  baseURL,
}) => {
  const list = complaints(page);
  const elsewhere: string[] = [];
  page.on('request', (request) => {
    const { origin, protocol } = new URL(request.url());
    if (protocol.startsWith('http') && origin !== baseURL) elsewhere.push(request.url());
  });

  const response = await page.goto('/');
  expect(response?.headers()['content-security-policy']).toContain("default-src 'none'");
  await expect(page.locator('meta[http-equiv="Content-Security-Policy"]')).toHaveCount(1);
  await expect(page).toHaveTitle(/SEVscope/);
  await expect(page.getByRole('heading').first()).toBeVisible();
  await page.waitForLoadState('networkidle');

  expect(list).toEqual([]);
  expect(elsewhere).toEqual([]);
});

test('a second visit works without a network', async ({ page, context }) => {
  await page.goto('/');
  await page.evaluate(async () => {
    await navigator.serviceWorker.ready;
  });
  await expect.poll(() => page.evaluate(() => navigator.serviceWorker.controller !== null)).toBe(true);

  await context.setOffline(true);
  await page.reload();
  await expect(page.getByRole('heading').first()).toBeVisible();
});
