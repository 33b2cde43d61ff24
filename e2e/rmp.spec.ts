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

test('the states of pages: how many, who takes which edge, and the way of a page', async ({ page }) => {
  const panel = await openRmp(page);
  await type(page, `rmpupdate ${PAGE} yes asid=3 gpa=0x5000`);
  await page.getByRole('button', { name: 'Close the console' }).click();
  await panel.getByRole('slider', { name: 'Selected page in all of memory' }).focus();
  await page.keyboard.press('Home');
  await choose(panel, 'States');
  const picture = panel.getByRole('figure', { name: 'States of pages' });
  await expect(picture.getByRole('button', { name: /^Hypervisor/ })).toContainText('this page');
  await picture.getByRole('button', { name: /^Guest-Invalid/ }).click();
  const pages = panel.getByRole('list', { name: 'Pages in state Guest-Invalid' });
  await pages.getByRole('button', { name: PAGE, exact: true }).click();
  const way = panel.getByRole('list', { name: `The way of page ${PAGE}` });
  await expect(way.getByRole('listitem')).toHaveCount(1);
  await expect(way).toContainText('RMPUPDATE');
  const edge = picture.getByRole('button', { name: /^From Hypervisor to Guest-Invalid: RMPUPDATE, taken/ });
  await edge.focus();
  await page.keyboard.press('Enter');
  const known = panel.getByRole('region', { name: /Hypervisor to Guest-Invalid/ });
  await expect(known).toContainText('by the hypervisor');
  await expect(known).toContainText('Last taken in');
  await known.getByRole('button', { name: /Go to change/ }).click();
  await expect(picture.getByRole('button', { name: /^Guest-Invalid/ })).toContainText('this page');
  await picture.getByRole('button', { name: /^Pre-Guest/ }).click();
  const leads = panel.getByRole('list', { name: 'Leads to' });
  await leads.getByRole('button', { name: 'Guest-Valid' }).click();
  await expect(panel.getByRole('region', { name: /Pre-Guest to Guest-Valid/ })).toContainText(
    'SNP_LAUNCH_UPDATE',
  );
});

test('VMPLs of a page as a grid, with the moment that set them', async ({ page }) => {
  const panel = await openRmp(page);
  await choose(panel, 'VMPL');
  await expect(panel).toContainText('No guest’s page');
  await type(page, `rmpupdate ${PAGE} yes asid=3 gpa=0x5000`);
  await page.getByRole('button', { name: 'Close the console' }).click();
  await choose(panel, 'States');
  await panel
    .getByRole('figure', { name: 'States of pages' })
    .getByRole('button', { name: /^Guest-Invalid/ })
    .click();
  await panel
    .getByRole('list', { name: 'Pages in state Guest-Invalid' })
    .getByRole('button', { name: PAGE, exact: true })
    .click();
  await choose(panel, 'VMPL');
  const grid = panel.getByRole('table', { name: /What each VMPL may do/ });
  await expect(grid.getByRole('row', { name: /VMPL0/ })).toContainText('0x1f');
  await expect(grid.getByRole('row', { name: /VMPL3/ })).toContainText('0x00');
  await expect(panel).toContainText('Set last by');
  await expect(panel.getByRole('button', { name: /Go to change \d+, RMPUPDATE/ })).toBeVisible();
});

test('the strip of all memory beside the table follows and sets the selection', async ({ page }) => {
  const panel = await openRmp(page);
  const strip = panel.getByRole('slider', { name: 'Selected page in all of memory' });
  await expect(strip).toHaveAttribute('aria-valuetext', /Firmware/);
  await strip.focus();
  await page.keyboard.press('Home');
  await expect(strip).toHaveAttribute('aria-valuenow', '0');
  await expect(panel.getByRole('button', { name: '0x0', exact: true })).toHaveAttribute(
    'aria-pressed',
    'true',
  );
  const box = await strip.boundingBox();
  if (!box) throw new Error('the strip is nowhere');
  await page.mouse.click(box.x + box.width / 2, box.y + box.height / 2);
  const pages = Number(await strip.getAttribute('aria-valuemax')) + 1;
  const now = Number(await strip.getAttribute('aria-valuenow'));
  expect(Math.abs(now - pages / 2)).toBeLessThan(pages / 20);
});

test('the map is coloured by the states of the table, only where there is one', async ({ page }) => {
  await openRmp(page);
  await type(page, `rmpupdate ${PAGE} yes asid=3 gpa=0x5000`);
  await page.getByRole('button', { name: 'Close the console' }).click();
  await page.getByRole('tab', { name: 'Memory' }).click();
  const colourings = page.getByRole('group', { name: 'Colour the map by' });
  await colourings.getByRole('radio', { name: 'RMP' }).click({ force: true });
  const legend = page.getByRole('list', { name: 'Legend of the memory map' });
  await expect(legend.getByRole('listitem').filter({ hasText: /^Guest-Invalid/ })).toBeVisible();
  const aspect = page.getByRole('combobox', { name: 'What of the RMP colours the map' });
  for (const [what, item] of [
    ['Owner', /^ASID 3/],
    ['VMPL', /^VMPL0 only/],
    ['Validated', /^not accepted/],
  ] as const) {
    await aspect.selectOption(what);
    await expect(legend.getByRole('listitem').filter({ hasText: item })).toBeVisible();
  }
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
    for (const face of ['Table', 'States', 'VMPL', 'Ladder']) {
      await choose(panel, face);
      await expect(panel.locator('.waiting')).toHaveCount(0);
      const { violations } = await new AxeBuilder({ page }).include('main').analyze();
      expect(violations.map(({ id, nodes }) => `${face}: ${id} ${nodes[0]?.html}`)).toEqual([]);
    }
  });
}
