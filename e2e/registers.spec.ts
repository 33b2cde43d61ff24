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

/** A machine with SEV-ES, on it a guest without it and one with it, and the view of their registers. */
async function openRegisters(page: Page): Promise<{ screen: Screen; panel: Locator }> {
  const screen = new Screen(page);
  await screen.open();
  await page.getByRole('radio', { name: 'SEV-ES' }).click({ force: true });
  await expect(page.getByRole('radio', { name: 'SEV-ES' })).toBeChecked();
  for (const guest of ['bob', 'alice']) {
    await type(page, `xl create ${guest}.cfg`);
    await expect(page.getByRole('log')).toContainText(`guest: ${guest}`);
  }
  await page.getByRole('button', { name: 'Close the console' }).click();
  await page.getByRole('tab', { name: 'Registers' }).click();
  return { screen, panel: page.getByRole('tabpanel', { name: 'Registers' }) };
}

const choose = async (panel: Locator, face: string): Promise<void> =>
  panel.getByRole('radio', { name: face, exact: true }).click({ force: true });

/** A register’s row: its cells are Bob’s two and Alice’s five. */
const row = (panel: Locator, name: string): Locator =>
  panel.getByRole('table', { name: /^Registers of/ }).getByRole('row', { name: new RegExp(`^${name}\\b`) });

test('the same CPUID without and with SEV-ES: what Xen finds, and what only the GHCB tells it', async ({
  page,
}) => {
  const { panel } = await openRegisters(page);
  await panel.getByRole('button', { name: 'Load CPUID into both' }).click();
  const both = panel.getByRole('button', { name: 'Step both' });
  for (const line of ['mov eax, 0x8000001f', 'xor ecx, ecx', 'cpuid', 'hlt']) {
    await both.click();
    for (const guest of ['bob', 'alice'])
      await expect(panel.getByRole('region', { name: `The program of ${guest}` })).toContainText(line);
  }
  const cells = row(panel, 'RAX').getByRole('cell');
  const rax = (await cells.nth(2).locator('.reg-value > span').last().textContent()) ?? '';
  expect(rax).toContain('guest only');
  await expect(cells.nth(0)).toContainText('guest and hypervisor');
  await expect(cells.nth(1)).toContainText('guest and hypervisor');
  await expect(cells.nth(5)).toContainText('ciphertext');
  await expect(cells.nth(6)).toContainText('guest and hypervisor');
  const value = async (index: number): Promise<string> =>
    /[0-9a-f]+/.exec((await cells.nth(index).textContent())?.replace('◆', '') ?? '')?.[0] ?? '';
  expect(await value(6)).toBe(await value(2));
  expect(await value(5)).not.toBe(await value(2));
  expect(await value(5)).toHaveLength(16);
  await expect(cells.nth(2)).toContainText('changed');

  await choose(panel, 'Exits');
  const bob = panel.getByRole('region', { name: /Bob leaves: CPUID/ });
  const alice = panel.getByRole('region', { name: /Alice leaves: CPUID/ });
  await expect(bob.getByRole('list', { name: /step by step/ }).getByRole('button')).toHaveText([
    /cpuid/,
    /#VMEXIT/,
    /svm_asm_do_resume/,
    /svm_vmexit_handler/,
    /svm_vmexit_do_cpuid/,
    /svm_vmenter_helper/,
    /VMRUN/,
  ]);
  await expect(bob).toContainText('RBX 5ec2e7');
  await expect(alice).toContainText('Xen sees nothing of the other side');
  await expect(alice).not.toContainText('5ec2e7');
});

test('a step of an exit leads to its moment, and the page then holds the request', async ({ page }) => {
  const { screen, panel } = await openRegisters(page);
  await panel.getByRole('button', { name: 'Load CPUID', exact: true }).last().click();
  const alice = panel.getByRole('region', { name: 'The program of alice' });
  await alice.getByRole('button', { name: 'Continue alice' }).click();
  await expect(alice).toContainText('stopped at HLT');
  const end = await screen.moment();
  await choose(panel, 'Exits');
  await panel
    .getByRole('list', { name: /^Exits of Alice|^Exits of alice/ })
    .getByRole('button', { name: /CPUID/ })
    .click();
  const steps = panel.getByRole('list', { name: 'CPUID: guest, hardware and Xen, step by step' });
  await steps.getByRole('button', { name: /fill GHCB/ }).click();
  await expect(steps.locator('[aria-current="step"]')).toContainText('fill GHCB');
  expect(await screen.moment()).not.toBe(end);
  await choose(panel, 'GHCB');
  await expect(panel.getByRole('status')).toContainText(['The guest asks: CPUID']);
  const fields = panel.getByRole('table', { name: /GHCB/ });
  await expect(fields.getByRole('row', { name: /RAX/ })).toContainText('valid');
  await expect(fields.getByRole('row', { name: /RBX/ })).toContainText('no');
  await page.goBack();
  await expect.poll(() => screen.moment()).not.toBe('');
});

test('a program is edited, its errors are at their places, it stops at a breakpoint and steps back', async ({
  page,
}) => {
  const { screen, panel } = await openRegisters(page);
  await choose(panel, 'Program');
  const text = panel.getByRole('textbox', { name: 'Program' });
  await text.fill('mov eax, 1\nfrob eax\nhlt');
  await expect(panel.getByRole('button', { name: 'line 2, column 1' })).toBeVisible();
  await expect(panel.getByText(/There is no instruction called frob/)).toBeVisible();
  await expect(panel.getByRole('button', { name: 'Load', exact: true })).toBeDisabled();
  await text.fill('mov eax, 1\ncpuid\nmov ebx, 2\nhlt');
  await expect(panel.getByRole('list', { name: 'Lines of the program' })).toContainText('0f a2');
  await panel.getByRole('button', { name: 'Load', exact: true }).click();
  const breakpoint = panel.getByRole('button', { name: 'Breakpoint at line 3' });
  await breakpoint.click();
  await expect(breakpoint).toHaveAttribute('aria-pressed', 'true');
  const before = await screen.moment();
  await panel.getByRole('button', { name: 'Continue', exact: true }).click();
  await expect(panel.getByRole('status').filter({ hasText: 'stopped at line 3' })).toHaveCount(2);
  await expect(panel.getByRole('img', { name: 'alice stands here' })).toBeVisible();
  await page.goBack();
  await expect.poll(() => screen.moment()).toBe(before);
  await expect(panel.getByRole('status').filter({ hasText: 'stopped at line 3' })).toHaveCount(0);
});

test('what Xen intercepts and lies about is switched where the program is', async ({ page }) => {
  const { panel } = await openRegisters(page);
  await choose(panel, 'Program');
  const alice = panel.getByRole('region', { name: /What decides about the exits of Alice/ });
  const rdtsc = alice.getByRole('checkbox', { name: 'RDTSC', exact: true });
  await expect(rdtsc).not.toBeChecked();
  await rdtsc.click();
  await expect(rdtsc).toBeChecked();
  await alice.getByRole('textbox', { name: 'Value' }).fill('0x5');
  await alice.getByRole('button', { name: 'Lie', exact: true }).click();
  await expect(alice.getByRole('list').getByText('= 0x5')).toBeVisible();
  await alice.getByRole('button', { name: 'Tell the truth' }).click();
  await expect(alice).toContainText('Not to this guest.');
});

for (const theme of ['dark', 'light', 'projector']) {
  test(`no face of the registers has violations in the ${theme} theme`, async ({ page }) => {
    test.setTimeout(120_000);
    await page.setViewportSize({ width: 1280, height: 720 });
    await page.addInitScript(
      (chosen) => localStorage.setItem('sevscope.view', JSON.stringify({ theme: chosen })),
      theme,
    );
    const { panel } = await openRegisters(page);
    await panel.getByRole('button', { name: 'Load CPUID into both' }).click();
    await panel.getByRole('button', { name: 'Continue bob' }).click();
    await panel.getByRole('button', { name: 'Continue alice' }).click();
    await expect(panel.getByRole('region', { name: 'The program of alice' })).toContainText('stopped at HLT');
    for (const face of ['Registers', 'Exits', 'GHCB', 'Program']) {
      await choose(panel, face);
      await expect(panel.locator('.waiting')).toHaveCount(0);
      const { violations } = await new AxeBuilder({ page }).include('main').analyze();
      expect(violations.map(({ id, nodes }) => `${face}: ${id} ${nodes[0]?.html}`)).toEqual([]);
    }
  });
}
