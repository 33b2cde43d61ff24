import AxeBuilder from '@axe-core/playwright';
import { expect, type Page, test } from '@playwright/test';
import { Screen } from './support/screen';

const REPLAY = 'compare/ciphertext-replay';

/** Opens a comparison by its address and waits until all of it is played. */
async function openCompare(page: Page, path: string): Promise<void> {
  await page.goto(`/#2/${path}`);
  await expect(page.getByRole('heading', { level: 2, name: 'Replay of old ciphertext' })).toBeVisible({
    timeout: 30_000,
  });
  await expect(page.getByRole('cell', { name: 'not played yet' })).toHaveCount(0, { timeout: 30_000 });
}

const side = (page: Page, name: string) => page.getByRole('article', { name, exact: true });

test('the first parting of SEV and SEV-SNP is marked in script, timeline, bytes and outcome', async ({
  page,
}) => {
  await openCompare(page, `${REPLAY}/sev,sev-snp/0`);
  const script = page.getByRole('region', { name: 'Script' });
  await expect(
    script.getByRole('button', { name: /Xen puts the old bytes back.*here they part/ }),
  ).toBeVisible();
  const timeline = page.getByRole('region', { name: 'Timeline' });
  await expect(timeline).toContainText('They first part in step 3, in what actors do');
  await expect(timeline).toContainText('SEV-SNP: #PF by RMP-HOST-WRITE');
  await expect(timeline).toContainText('RMP-HOST-WRITE: The host writes only what is the hypervisor’s.');

  for (let step = 1; step <= 3; step++) {
    await page.keyboard.press('ArrowRight');
    await expect.poll(() => new URL(page.url()).hash).toBe(`#2/${REPLAY}/sev,sev-snp/${step}`);
  }
  const sev = side(page, 'SEV');
  const snp = side(page, 'SEV-SNP');
  await expect(sev.getByRole('region', { name: /^This step/ })).toContainText('Went through');
  await expect(snp.getByRole('region', { name: /^This step/ })).toContainText('#PF RMP-HOST-WRITE');
  await expect(sev.getByRole('table', { name: 'Alice sees' })).toContainText('1000 EUR');
  await expect(snp.getByRole('table', { name: 'Alice sees' })).toContainText('0010 EUR');
  await expect(sev.getByRole('table', { name: 'Alice sees' }).locator('mark').first()).toBeVisible();
  await expect(snp.getByText('✕ refused')).toBeVisible();
  await expect(snp.getByRole('application', { name: 'Map of all pages: SEV-SNP' })).toBeVisible();

  await page.keyboard.press('PageDown');
  await expect(sev.getByRole('list', { name: 'Properties' })).toContainText('Freshness broken');
  await expect(snp.getByRole('list', { name: 'Properties' })).not.toContainText('broken');
  await page.goBack();
  await expect.poll(() => new URL(page.url()).hash).toBe(`#2/${REPLAY}/sev,sev-snp/3`);
});

test('a check is left out, and what it was good for shows', async ({ page }) => {
  await openCompare(page, `${REPLAY}/sev,sev-snp/4`);
  const snp = side(page, 'SEV-SNP');
  await expect(snp).toContainText('blocked');
  await snp.getByText('Change').click();
  await snp.getByLabel('What if this check were missing').selectOption('rmp.hypervisor-owned');
  const without = side(page, 'SEV-SNP without Hypervisor-Owned');
  await expect(without).toContainText('What if this check were missing: Hypervisor-Owned');
  await expect(without).toContainText('works', { timeout: 30_000 });
  await expect(without.getByRole('list', { name: 'Properties' })).toContainText('Freshness broken');
  await expect(page.getByRole('region', { name: 'Timeline' })).toContainText('these machines never part');

  await without.getByRole('button', { name: /Open this side/ }).click();
  const screen = new Screen(page);
  await expect(screen.script.getByRole('heading', { name: 'Replay of old ciphertext' })).toBeVisible({
    timeout: 30_000,
  });
  await expect(page.getByRole('banner')).toContainText('what if rmp.hypervisor-owned were missing');
});

test('machines are added and taken away, and a side opens whole at its step', async ({ page }) => {
  await openCompare(page, `${REPLAY}/sev,sev-snp/3`);
  await page.getByRole('button', { name: 'Add a machine' }).click();
  await expect(page.getByRole('article')).toHaveCount(3);
  await expect(side(page, 'SEV-ES')).toContainText('Went through', { timeout: 30_000 });
  await side(page, 'SEV').getByText('Change').click();
  await side(page, 'SEV').getByRole('button', { name: 'Remove this machine' }).click();
  await expect(page.getByRole('article')).toHaveCount(2);
  await side(page, 'SEV-SNP')
    .getByRole('button', { name: /Open this side/ })
    .click();
  await expect
    .poll(() => new URL(page.url()).hash, { timeout: 30_000 })
    .toContain('#2/s/ciphertext-replay~sev-snp/3');
});

test('it is opened from the attack, by key and from the matrix', async ({ page }) => {
  const screen = new Screen(page);
  await screen.open('/#2/s/ciphertext-replay/0');
  await screen.script.getByRole('button', { name: 'Technologies side by side' }).click();
  const heading = page.getByRole('heading', { level: 2, name: 'Replay of old ciphertext' });
  await expect(heading).toBeVisible();
  await expect(page.getByRole('article')).toHaveCount(4, { timeout: 30_000 });
  await page.getByRole('button', { name: 'Back to the machine' }).click();
  await expect(screen.position).toBeVisible();
  await page.keyboard.press('c');
  await expect(heading).toBeVisible();
  await page.getByRole('button', { name: 'All attacks' }).click();
  await page.getByRole('button', { name: /^Compare: Cold boot/ }).click();
  await expect(page.getByRole('heading', { level: 2, name: 'Cold boot' })).toBeVisible({ timeout: 30_000 });
});

test('what the library does not have is said', async ({ page }) => {
  await page.goto('/#2/compare/no-such-attack/sev,sev-snp/0');
  await expect(page.getByText('The library has no scenario of this name')).toBeVisible({ timeout: 30_000 });
});

test('it can be used without seeing it, in every theme and on a phone', async ({ page }) => {
  await openCompare(page, `${REPLAY}/sme,sev-snp:rmp.hypervisor-owned/3`);
  for (const theme of ['dark', 'light', 'projector']) {
    await page.keyboard.press('Control+k');
    await page.getByRole('combobox').fill(`Theme: ${theme}`);
    await page.keyboard.press('Enter');
    await expect(page.locator('html')).toHaveAttribute('data-theme', theme);
    const { violations } = await new AxeBuilder({ page }).include('.compare').analyze();
    expect(violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)])).toEqual([]);
  }
  await page.setViewportSize({ width: 390, height: 844 });
  await expect(side(page, 'SME')).toBeVisible();
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
});
