import AxeBuilder from '@axe-core/playwright';
import { expect, type Page, test } from '@playwright/test';
import { circlePng, Screen } from './support/screen';

test.use({ viewport: { width: 1920, height: 1080 } });

const TABS = [
  'Memory',
  'Machine',
  'Page walk',
  'Xen stack',
  'Cache & TLB',
  'Who can read whom',
  'ASIDs & CPUID',
] as const;

/** A guest that has written something, with the page of it in the lens. */
async function openWithBalance(page: Page): Promise<Screen> {
  const screen = new Screen(page);
  await screen.open();
  await screen.next();
  await screen.next();
  await page.getByRole('tab', { name: 'Memory' }).click();
  await page.getByRole('button', { name: 'balance', exact: true }).click();
  await expect(page.getByRole('grid', { name: 'What Alice sees' })).toBeVisible();
  return screen;
}

for (const theme of ['dark', 'light', 'projector']) {
  test(`every view of the stage has no violations in the ${theme} theme`, async ({ page }) => {
    await page.addInitScript(
      (chosen) => localStorage.setItem('sevscope.view', JSON.stringify({ theme: chosen })),
      theme,
    );
    test.setTimeout(120_000);
    await openWithBalance(page);
    await page.getByRole('complementary', { name: 'Inspector' }).locator('.attempts summary').first().click();
    for (const tab of TABS) {
      await page.getByRole('tab', { name: tab, exact: true }).click();
      await expect(page.getByRole('tabpanel', { name: tab, exact: true }).locator('.waiting')).toHaveCount(0);
      const { violations } = await new AxeBuilder({ page })
        .include('main')
        .include('.app-inspector')
        .analyze();
      expect(violations.map(({ id, nodes }) => `${tab}: ${id} ${nodes[0]?.html}`)).toEqual([]);
    }
  });
}

test('the same byte lights up in all three eyes, by keyboard, and is read out', async ({ page }) => {
  await openWithBalance(page);
  await page.getByRole('grid', { name: 'What Alice sees' }).focus();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('ArrowRight');
  await expect(page.locator('.hex-digits .hex-cursor')).toHaveCount(3);
  await expect(page.getByRole('status').filter({ hasText: 'DRAM' })).toContainText(
    /0x[0-9a-f]+.*Alice 30 ‘0’.*Xen/,
  );
});

test('what a guest writes is marked where it changed, and stepping back takes the mark along', async ({
  page,
}) => {
  const screen = await openWithBalance(page);
  const alice = page.getByRole('grid', { name: 'What Alice sees' });
  await expect(alice).toContainText('balance=');
  await expect(alice.locator('[data-tone="changed"]')).toHaveCount(0);
  await page.evaluate(() => document.activeElement instanceof HTMLElement && document.activeElement.blur());
  for (let back = 0; back < 80 && ((await alice.textContent()) ?? '').includes('balance='); back++) {
    const before = await screen.moment();
    await page.keyboard.press(',');
    await expect.poll(() => screen.moment()).not.toBe(before);
  }
  await expect(alice).not.toContainText('balance=');
  await expect(alice.locator('[data-tone="changed"]').first()).toBeVisible();
  expect(await screen.moment()).toMatch(/change/);
});

test('the hypervisor sees ciphertext without the C-bit and other noise with it', async ({ page }) => {
  await openWithBalance(page);
  const digits = (name: string) =>
    page.getByRole('grid', { name }).locator('.hex-digits').first().textContent();
  await page.locator('.eye').getByText('C = 0', { exact: true }).click();
  await expect.poll(() => digits('What the hypervisor sees')).toBe(await digits('What the DRAM holds'));
  await page.locator('.eye').getByText('C = 1', { exact: true }).click();
  await expect.poll(() => digits('What the hypervisor sees')).not.toBe(await digits('What the DRAM holds'));
  expect(await digits('What the hypervisor sees')).not.toBe(await digits('What Alice sees'));
});

test('an access is followed step by step, with the real block in the AES engine', async ({ page }) => {
  await openWithBalance(page);
  await page.getByRole('tab', { name: 'Machine', exact: true }).click();
  const way = page.getByRole('region', { name: 'The way of this access' });
  await way.getByRole('button').first().click();
  await expect(way.locator('[aria-current="step"]')).toHaveCount(1);
  const position = page.getByText(/^step \d+ of \d+$/);
  await expect(position).toHaveText(/^step 1 of/);
  await page.getByRole('button', { name: 'Step', exact: true }).click();
  await expect(position).toHaveText(/^step 2 of/);
  await page.getByRole('button', { name: 'One step back' }).click();
  await expect(position).toHaveText(/^step 1 of/);
});

test('CPUID can be edited and the ASID space redraws', async ({ page }) => {
  await openWithBalance(page);
  await page.getByRole('tab', { name: 'ASIDs & CPUID' }).click();
  const space = page.getByRole('img', { name: /keyed ASIDs/ });
  await expect(space).toHaveAccessibleName('510 keyed ASIDs, 1 of them held');
  await page.getByLabel(/ECX/).fill('99');
  await page.getByLabel(/EDX/).fill('10');
  await page.getByRole('button', { name: 'Set', exact: true }).click();
  await expect(space).toHaveAccessibleName('100 keyed ASIDs, 1 of them held');
  await expect(page.getByRole('cell', { name: 'for SEV-ES and SNP guests only' })).toBeVisible();
});

test('the matrix is made of real reads', async ({ page }) => {
  await openWithBalance(page);
  await page.getByRole('tab', { name: 'Who can read whom' }).click();
  await expect(page.getByRole('row', { name: /^Alice/ }).getByRole('button')).toContainText(['own']);
  await expect(page.getByRole('row', { name: /^DRAM probe/ }).getByRole('button')).toContainText([
    'ciphertext',
  ]);
  await page.getByRole('row', { name: /C = 1/ }).getByRole('button').first().click();
  await expect(page.getByRole('heading', { name: /Xen, C = 1 reads/i })).toBeVisible();
});

test('a translation is shown entry by entry, and one that fails says at which', async ({ page }) => {
  await openWithBalance(page);
  await page.getByRole('tab', { name: 'Page walk' }).click();
  await expect(page.getByRole('heading', { name: 'Guest level 1: PT' })).toBeVisible();
  await expect(page.getByRole('heading', { name: 'Alice arrives' })).toBeVisible();
  await page.getByLabel('Virtual address').fill('0x1234000');
  await page.getByRole('button', { name: 'Walk', exact: true }).click();
  await expect(page.getByRole('heading', { name: 'Alice does not arrive' })).toBeVisible();
  await expect(page.getByText('What would have to be different')).toBeVisible();
  await page.getByLabel('Virtual address').fill('alice');
  await expect(page.getByText(/An address is written/)).toBeVisible();
});

test('a dropped picture is three pictures: the guest’s, and noise for everybody else', async ({ page }) => {
  const screen = new Screen(page);
  await screen.open();
  await screen.next();
  await screen.drop('circle.png', 'image/png', circlePng());
  await page.getByRole('button', { name: 'Alice writes it' }).click();
  await page.getByRole('button', { name: 'circle.png', exact: true }).click();
  await expect(page.getByRole('img', { name: /^circle\.png, 64 by 64 pixels/ })).toHaveCount(3);
  const colours = () =>
    page.locator('canvas.pixels').evaluateAll((canvases) =>
      canvases.map((canvas) => {
        const { data } = (canvas as HTMLCanvasElement).getContext('2d')?.getImageData(0, 0, 64, 64) ?? {
          data: [],
        };
        return new Set(
          Array.from({ length: 4096 }, (_, i) => `${data[4 * i]},${data[4 * i + 1]},${data[4 * i + 2]}`),
        ).size;
      }),
    );
  await expect.poll(async () => (await colours())[0]).toBe(2);
  const [, host = 0, dram = 0] = await colours();
  expect(host).toBeGreaterThan(1000);
  expect(dram).toBeGreaterThan(1000);
});
