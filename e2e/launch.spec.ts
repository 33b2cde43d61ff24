import AxeBuilder from '@axe-core/playwright';
import { expect, type Locator, type Page, test } from '@playwright/test';
import { Screen } from './support/screen';

/** The view of a launch, with the image that comes with the simulator. */
async function openLaunch(page: Page): Promise<{ screen: Screen; panel: Locator }> {
  const screen = new Screen(page);
  await screen.open();
  await page.getByRole('tab', { name: 'Launch' }).click();
  const panel = page.getByRole('tabpanel', { name: 'Launch' });
  await expect(panel).toContainText('Which firmware shall the guest start from?');
  await panel.getByRole('button', { name: 'Use the small example' }).click();
  await expect(panel.getByRole('listbox', { name: 'Film strip' })).toBeVisible();
  return { screen, panel };
}

const digest = async (panel: Locator): Promise<string> =>
  (await panel.getByRole('region', { name: 'Launch digest' }).locator('p.mono').first().textContent()) ?? '';

const chosen = (panel: Locator): Locator =>
  panel.getByRole('listbox', { name: 'Film strip' }).getByRole('option', { selected: true });

test('the film of a launch: scrubbed, with PAGE_INFO and the page of each frame', async ({ page }) => {
  const { panel } = await openLaunch(page);
  await expect(panel).toContainText('47 frames, one a page');
  await expect(panel.getByRole('table', { name: 'SEV metadata of the image' })).toContainText('SNP_SECRETS');
  await expect(panel.getByRole('table', { name: 'Footer table of the image' })).toContainText(
    'SEV-ES reset block',
  );

  const strip = panel.getByRole('listbox', { name: 'Film strip' });
  await expect(chosen(panel)).toContainText('1 of 16 pages');
  await strip.focus();
  await page.keyboard.press('ArrowRight');
  await expect(chosen(panel)).toContainText('2 of 16 pages');
  await page.keyboard.press('PageDown');
  await expect(chosen(panel)).toContainText('SNP_SEC_MEM');
  await page.keyboard.press('End');
  await expect(chosen(panel)).toContainText('VMSA of vCPU 0');
  const detail = panel.getByRole('region', { name: 'Frame 47: PAGE_INFO' });
  await expect(detail.getByRole('row', { name: /PAGE_TYPE/ })).toContainText('0x2');
  await expect(detail).toContainText(await digest(panel));
  await expect(panel.getByRole('grid', { name: /Bytes of the page/ })).toBeVisible();

  const slider = panel.getByRole('slider', { name: 'Frame' });
  await slider.focus();
  await page.keyboard.press('Home');
  await expect(slider).toHaveAttribute('aria-valuetext', 'Frame 1 of 47, image, NORMAL');
  await panel.getByRole('button', { name: 'Spread out image' }).click();
  await expect(strip.getByRole('option').nth(1)).toContainText('frame 2');
  await panel.getByRole('button', { name: /SNP_SECRETS/ }).click();
  await expect(chosen(panel)).toContainText('SECRETS');
  await expect(panel.getByRole('region', { name: /: the page$/ })).toContainText('So CONTENTS is zero');
});

test('the film plays and stops at its end', async ({ page }) => {
  const { panel } = await openLaunch(page);
  await panel.getByRole('slider', { name: 'Frame' }).focus();
  await page.keyboard.press('End');
  await page.keyboard.press('ArrowLeft');
  await panel.getByRole('button', { name: 'Play the film' }).click();
  await expect(panel.getByRole('slider', { name: 'Frame' })).toHaveValue('46');
  await expect(panel.getByRole('button', { name: 'Play the film' })).toBeVisible();
});

test('settings and an inverted byte change the digest, from their frame on', async ({ page }) => {
  const { panel } = await openLaunch(page);
  const before = await digest(panel);
  await panel.getByRole('textbox', { name: 'vCPUs' }).fill('2');
  await page.keyboard.press('Enter');
  await expect(panel).toContainText('48 frames, one a page');
  expect(await digest(panel)).not.toBe(before);

  await panel.getByRole('switch', { name: 'Invert one byte of the firmware' }).click();
  const offset = panel.getByRole('textbox', { name: 'Offset of the byte' });
  await offset.fill('0x3010');
  await offset.press('Enter');
  await panel.getByRole('button', { name: 'frame 4', exact: true }).click();
  await expect(chosen(panel)).toContainText('differs');
  await expect(panel).toContainText('The byte at 0x10 of this page is the one that is inverted');
  await offset.fill('0x999999');
  await offset.press('Enter');
  await expect(panel.getByRole('alert')).toContainText('There is no such byte');
  await expect(offset).toHaveValue('0x3010');
});

test('a broken image is refused with its place, and the film stands', async ({ page }) => {
  const { screen, panel } = await openLaunch(page);
  const before = await digest(panel);
  await screen.dropNoise('broken.fd', 8192);
  await expect(panel.getByRole('alert')).toContainText('no SEV-ES reset block');
  await expect(panel.getByRole('alert')).toContainText('broken.fd, offset 0x1fd0');
  expect(await digest(panel)).toBe(before);
});

test('an ID block is judged as the firmware does', async ({ page }) => {
  const { panel } = await openLaunch(page);
  const block = panel.getByRole('textbox', { name: 'Paste an ID block' });
  await block.fill(`${await digest(panel)}${'00'.repeat(48)}`);
  await block.blur();
  await expect(panel.getByRole('table', { name: 'Fields of the ID block' })).toContainText('POLICY');
  const auth = panel.getByRole('textbox', { name: 'Paste its authentication page' });
  await auth.fill('00'.repeat(4096));
  await auth.blur();
  await expect(panel).toContainText('The launch does not finish: POLICY_FAILURE.');
  const policy = panel.getByRole('textbox', { name: 'Guest policy' });
  await policy.fill('0');
  await policy.press('Enter');
  await expect(panel).toContainText('The launch does not finish: INVALID_PARAM.');
  await expect(
    panel.getByRole('list', { name: 'What SNP_LAUNCH_FINISH tests' }).getByRole('listitem'),
  ).toHaveCount(3);
});

test('without SEV-SNP the button says why the guest is not launched', async ({ page }) => {
  const { panel } = await openLaunch(page);
  const machine = panel.getByRole('region', { name: 'On this machine' });
  await expect(machine.getByRole('button', { name: 'Launch on this machine' })).toBeDisabled();
  await expect(machine).toContainText('This machine has no SEV-SNP.');
});

test('the guest is launched on the machine with the digest of the film', async ({ page }) => {
  const screen = new Screen(page);
  await screen.open('/#2/s/measured-launch/0');
  await expect(page.getByRole('heading', { name: 'A signed launch' })).toBeVisible();
  await page.getByRole('tab', { name: 'Launch' }).click();
  const panel = page.getByRole('tabpanel', { name: 'Launch' });
  await panel.getByRole('button', { name: 'Use the small example' }).click();
  const machine = panel.getByRole('region', { name: 'On this machine' });
  await machine.getByRole('button', { name: 'Launch on this machine' }).click();
  await expect(machine).toContainText('They agree.');
  await expect(machine).toContainText(`Context of ovmf, RUNNING${await digest(panel)}`);
  await expect(machine).toContainText('There is a guest ovmf already: destroy it first.');
  await panel.getByRole('textbox', { name: 'vCPUs' }).fill('2');
  await page.keyboard.press('Enter');
  await expect(machine).toContainText('They differ');
});

for (const theme of ['dark', 'light', 'projector']) {
  test(`a launch has no violations in the ${theme} theme`, async ({ page }) => {
    test.setTimeout(120_000);
    await page.setViewportSize({ width: 1280, height: 720 });
    await page.addInitScript(
      (chosen) => localStorage.setItem('sevscope.view', JSON.stringify({ theme: chosen })),
      theme,
    );
    const { panel } = await openLaunch(page);
    await panel.getByRole('switch', { name: 'Invert one byte of the firmware' }).click();
    await expect(panel).toContainText('on every digest differs');
    const { violations } = await new AxeBuilder({ page }).include('main').analyze();
    expect(violations.map(({ id, nodes }) => `${id} ${nodes[0]?.html}`)).toEqual([]);
  });
}
