import AxeBuilder from '@axe-core/playwright';
import { expect, type Page, test } from '@playwright/test';
import { Screen } from './support/screen';

/** The whole matrix on a busy machine. */
const COMPUTED_MS = 240_000;

async function openMatrix(page: Page): Promise<void> {
  await page.goto('/#2/attacks');
  await expect(page.getByRole('table', { name: /Attacks by technology/ })).toBeVisible({ timeout: 30_000 });
}

const cell = (page: Page, attack: string, machine: string) =>
  page.getByRole('button', { name: new RegExp(`^${attack}, ${machine}:`) });

test.describe('the matrix', () => {
  test('is computed in the background and opens a run at the step that decides', async ({ page }) => {
    test.setTimeout(COMPUTED_MS + 60_000);
    await openMatrix(page);
    await expect(page.getByRole('heading', { name: 'Attacks on every technology' })).toBeFocused();
    const replay = 'Replay of old ciphertext';
    await expect(cell(page, replay, 'SEV-SNP')).toHaveAccessibleName(/: blocked, RMP-HOST-WRITE$/, {
      timeout: COMPUTED_MS,
    });
    await expect(cell(page, replay, 'SEV-ES')).toHaveAccessibleName(/: works$/);
    await cell(page, replay, 'SEV-SNP').click();
    await expect.poll(() => new URL(page.url()).hash).toMatch(/^#2\/s\/ciphertext-replay~sev-snp\/4/);
    const screen = new Screen(page);
    await expect(screen.script.getByText('It came to:')).toBeVisible();
    await expect(screen.script.getByText('Not reached: Alice reads an old balance')).toBeVisible();
    await expect(screen.script.locator('.attack-outcome')).toContainText('blocked');
    await page.goBack();
    await expect(page.getByRole('table', { name: /Attacks by technology/ })).toBeVisible();
    await expect(cell(page, replay, 'SEV-SNP')).toHaveAccessibleName(/: blocked/);
  });

  test('is walked by arrow keys, and Enter opens a run', async ({ page }) => {
    await openMatrix(page);
    await page.getByRole('combobox', { name: 'Breaks' }).focus();
    const reached = page.locator('.attack-matrix button.outcome[tabindex="0"]');
    await expect(reached).toHaveCount(1);
    await reached.focus();
    await page.keyboard.press('End');
    await page.keyboard.press('Home');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowRight');
    const there = page.locator('.attack-matrix button.outcome:focus');
    await expect(there).toHaveAttribute('tabindex', '0');
    await expect(there).toHaveAccessibleName(/, SEV:/);
    await page.keyboard.press('Home');
    await page.keyboard.press('ArrowLeft');
    await expect(page.locator('.attack-matrix th button:focus')).toHaveCount(1);
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('ArrowRight');
    await expect(there).toHaveAccessibleName(/, SEV:/);
    await page.keyboard.press('Enter');
    await expect.poll(() => new URL(page.url()).hash).toMatch(/^#2\/s\/[a-z-]+(~sev)?\/\d/);
  });

  test('shows those of a tier, of an attacker, and of what they break', async ({ page }) => {
    await openMatrix(page);
    const rows = page.getByRole('table', { name: /Attacks by technology/ }).getByRole('row');
    const all = await rows.count();
    await page.getByRole('combobox', { name: 'The attacker' }).selectOption('has its hands on the machine');
    await expect(page.getByRole('rowheader', { name: /Cold boot/ })).toBeVisible();
    expect(await rows.count()).toBeLessThan(all);
    await page.getByRole('combobox', { name: 'The attacker' }).selectOption('whoever it is');
    await page.getByRole('combobox', { name: 'Breaks' }).selectOption('freshness');
    await expect(page.getByRole('rowheader', { name: /Cold boot/ })).toHaveCount(0);
    await page.getByText('Tier 2', { exact: true }).click();
    await page.getByRole('combobox', { name: 'Breaks' }).selectOption('anything');
    await expect(page.getByRole('rowheader', { name: /Cold boot/ })).toHaveCount(0);
  });

  test('can be stopped and goes on', async ({ page }) => {
    await openMatrix(page);
    const cancel = page.getByRole('button', { name: 'Cancel' });
    await cancel.click({ timeout: 5000 });
    await expect(page.getByRole('button', { name: 'Go on' })).toBeVisible();
    await page.getByRole('button', { name: 'Go on' }).click();
    await expect(page.getByRole('progressbar', { name: 'Computing the matrix' })).toBeVisible();
  });

  test('is reached by key and button, and left again', async ({ page }) => {
    const screen = new Screen(page);
    await screen.open('/#2/s/three-eyes/1');
    await page.keyboard.press('a');
    await expect.poll(() => screen.hash()).toBe('#2/attacks');
    await page.goBack();
    await expect(screen.script).toBeVisible();
    await expect.poll(() => screen.hash()).toMatch(/three-eyes\/1/);
    await page.getByRole('button', { name: 'Attacks' }).click();
    await page.getByRole('button', { name: 'Back to the machine' }).click();
    await expect(screen.script).toBeVisible();
  });

  for (const theme of ['dark', 'light', 'projector']) {
    test(`has no violations in the ${theme} theme`, async ({ page }) => {
      test.setTimeout(120_000);
      await page.addInitScript(
        (chosen) => localStorage.setItem('sevscope.view', JSON.stringify({ theme: chosen })),
        theme,
      );
      await openMatrix(page);
      const matrix = await new AxeBuilder({ page }).include('.attacks').analyze();
      expect(matrix.violations.map(({ id, nodes }) => `${id} ${nodes[0]?.html}`)).toEqual([]);
      await page.goto('/#2/s/npt-remap-severed~sev-es/4');
      await expect(new Screen(page).script.getByText('It came to:')).toBeVisible({ timeout: 30_000 });
      await page.getByText('Who, against whom').click();
      const frame = await new AxeBuilder({ page }).include('.app-script').include('.header').analyze();
      expect(frame.violations.map(({ id, nodes }) => `${id} ${nodes[0]?.html}`)).toEqual([]);
    });
  }

  test('can be read on a phone', async ({ page }) => {
    await page.setViewportSize({ width: 390, height: 844 });
    await openMatrix(page);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(390);
  });
});

test.describe('an attack', () => {
  test('is found in the library, and says who, where and what it wants', async ({ page }) => {
    const screen = new Screen(page);
    await screen.open();
    await page.keyboard.press('s');
    await page.getByRole('combobox', { name: /Search by title/ }).fill('CVE-2020-12967');
    await page.getByRole('option', { name: /SEVered: a page/ }).click();
    await expect(screen.script.getByText(/^Attack · 2018/)).toBeVisible();
    await expect(screen.script.getByText(/EuroSec 2018/)).toBeVisible();
    await expect(screen.script.getByText(/is the hypervisor; sends requests to the guest/)).toBeVisible();
    await expect(screen.script.getByText('Wanted: Alice sends her private key')).toBeVisible();
  });

  test('is followed on another technology, which its link names', async ({ page }) => {
    const screen = new Screen(page);
    await screen.open('/#2/s/npt-remap-severed/4');
    await expect(screen.script.getByText('Reached: Alice sends her private key')).toBeVisible();
    await page.getByRole('radio', { name: 'SEV-SNP' }).click({ force: true });
    await expect.poll(() => screen.hash()).toMatch(/^#2\/s\/npt-remap-severed~sev-snp\/4/);
    await expect(screen.script.locator('.attack-outcome')).toContainText('RMP-GPA');
    await page.reload();
    await expect(screen.script.locator('.attack-outcome')).toContainText('RMP-GPA', { timeout: 30_000 });
  });

  test('is followed with a mitigation, which its link names', async ({ page }) => {
    const screen = new Screen(page);
    await screen.open('/#2/s/heracles-page-move/5');
    await expect(screen.script.locator('.attack-outcome')).toContainText('works');
    await screen.script.getByRole('radio', { name: /^ciphertext-hiding/ }).click();
    await expect.poll(() => screen.hash()).toMatch(/^#2\/s\/heracles-page-move~sev-snp~ciphertext-hiding\/5/);
    await expect(screen.script.locator('.attack-outcome')).toContainText('blocked');
    await screen.script.getByRole('radio', { name: 'None' }).click();
    await expect(screen.script.locator('.attack-outcome')).toContainText('works');
    await expect.poll(() => screen.hash()).toMatch(/^#2\/s\/heracles-page-move\/5/);
  });

  test('that is told and not run says why', async ({ page }) => {
    const screen = new Screen(page);
    await screen.open();
    await page.keyboard.press('s');
    await page.getByRole('combobox', { name: /Search by title/ }).fill('glitch');
    await page.getByRole('option', { name: /One Glitch/ }).click();
    await expect(page.getByText(/A glitch is physics/)).toBeInViewport();
  });
});
