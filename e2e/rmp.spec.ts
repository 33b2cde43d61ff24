import AxeBuilder from '@axe-core/playwright';
import { expect, type Locator, type Page, test } from '@playwright/test';
import { Screen } from './support/screen';

async function type(page: Page, line: string): Promise<void> {
  const input = page.getByRole('combobox', { name: 'Console line' });
  if (!(await input.isVisible())) await page.keyboard.press('`');
  await input.fill(line);
  await input.press('Enter');
  await expect(input).toHaveValue('');
}

/** A machine with SEV-SNP, and the view of its table. */
async function openRmp(page: Page): Promise<Locator> {
  const screen = new Screen(page);
  await screen.open();
  await page.getByRole('tab', { name: 'RMP' }).click();
  const panel = page.getByRole('tabpanel', { name: 'RMP' });
  await expect(panel).toContainText('This machine has no SEV-SNP');
  await panel.getByRole('button', { name: 'Make a machine with SEV-SNP' }).click();
  await expect(panel.getByRole('table', { name: /All pages by their entries/ })).toBeVisible();
  return panel;
}

const choose = async (panel: Locator, face: string): Promise<void> =>
  panel.getByRole('radio', { name: face, exact: true }).click({ force: true });

const PAGE = '0xa00000';

test('a page that changes hands changes in the table, bit by bit', async ({ page }) => {
  const panel = await openRmp(page);
  await expect(panel.getByRole('status')).toContainText('Firmware.');
  await type(page, `rmpupdate ${PAGE} yes asid=3 gpa=0x5000`);
  await page.getByRole('button', { name: 'Close the console' }).click();
  await page.getByRole('tab', { name: 'RMP' }).click();
  const rows = panel.getByRole('table', { name: /All pages by their entries/ });
  await rows.evaluate((table, pfn) => {
    const box = table.parentElement;
    if (box) box.scrollTop = (pfn / (Number(table.getAttribute('aria-rowcount')) - 1)) * box.scrollHeight;
  }, Number(PAGE) / 4096);
  await rows.getByRole('button', { name: PAGE, exact: true }).click();
  await expect(panel.getByRole('status')).toContainText('Guest-Invalid.');
  const fields = panel.getByRole('list', { name: /Bit fields/ });
  await expect(fields.getByRole('listitem').filter({ hasText: 'bits 60:51' })).toContainText('0x3');
  await expect(fields.getByRole('listitem').filter({ hasText: 'bits 50:12' })).toContainText('0x5');
  const permissions = panel.getByRole('table', { name: /What each VMPL may do/ });
  await expect(permissions.getByRole('row', { name: /VMPL0/ }).getByRole('cell')).toHaveText([
    'yes',
    'yes',
    'yes',
    'yes',
    'yes',
  ]);
  await expect(permissions.getByRole('row', { name: /VMPL1/ })).not.toContainText('yes');
  await expect(page.getByRole('region', { name: 'In the RMP' })).toContainText('Guest-Invalid.');
  await choose(panel, 'Ladder');
  const verdict = panel.getByRole('status');
  await expect(verdict).toContainText('Refused: #PF');
  await expect(verdict).toContainText('RMP');
  const checks = panel.getByRole('list', { name: /Checks of the RMP/ });
  await expect(checks.locator('[aria-current="step"]')).toContainText('Hypervisor-Owned');
  await panel.getByRole('radio', { name: 'read', exact: true }).click({ force: true });
  await expect(verdict).toContainText('SNP lets it through');
  await panel.getByRole('combobox', { name: 'Who' }).selectOption('device');
  await panel.getByRole('radio', { name: 'write', exact: true }).click({ force: true });
  await expect(verdict).toContainText('IO_PAGE_FAULT');
});

test('the last access that was checked is told with its moment', async ({ page }) => {
  const panel = await openRmp(page);
  await type(page, `rmpupdate ${PAGE} yes asid=3 gpa=0x5000`);
  await type(page, `host.write at=${PAGE} data=overwritten`);
  await page.getByRole('button', { name: 'Close the console' }).click();
  await choose(panel, 'Ladder');
  await choose(panel, 'Last access');
  await expect(panel.getByRole('status')).toContainText('Refused: #PF');
  await expect(panel).toContainText(`SPA ${PAGE}`);
  await panel.getByRole('button', { name: 'go to that moment' }).click();
  await expect(panel.getByRole('status')).toContainText('Refused: #PF');
});

test('the map is coloured by the states of the table, only where there is one', async ({ page }) => {
  await openRmp(page);
  await page.getByRole('tab', { name: 'Memory' }).click();
  const colourings = page.getByRole('group', { name: 'Colour the map by' });
  await colourings.getByRole('radio', { name: 'RMP' }).click({ force: true });
  const legend = page.getByRole('list', { name: 'Legend of the memory map' });
  await expect(legend.getByRole('listitem').filter({ hasText: /^Guest-Valid/ })).toBeVisible();
  const { violations } = await new AxeBuilder({ page }).include('main').analyze();
  expect(violations.map(({ id, nodes }) => `${id} ${nodes[0]?.html}`)).toEqual([]);
  await page.getByRole('radio', { name: 'SEV-ES' }).click({ force: true });
  await expect(colourings.getByRole('radio', { name: 'Owner' })).toBeChecked();
  await expect(colourings.getByRole('radio', { name: 'RMP' })).toHaveCount(0);
});

for (const theme of ['dark', 'light', 'projector']) {
  test(`no face of the RMP has violations in the ${theme} theme`, async ({ page }) => {
    test.setTimeout(120_000);
    await page.setViewportSize({ width: 1280, height: 720 });
    await page.addInitScript(
      (chosen) => localStorage.setItem('sevscope.view', JSON.stringify({ theme: chosen })),
      theme,
    );
    const panel = await openRmp(page);
    for (const face of ['Table', 'Ladder']) {
      await choose(panel, face);
      await expect(panel.locator('.waiting')).toHaveCount(0);
      const { violations } = await new AxeBuilder({ page }).include('main').analyze();
      expect(violations.map(({ id, nodes }) => `${face}: ${id} ${nodes[0]?.html}`)).toEqual([]);
    }
  });
}
