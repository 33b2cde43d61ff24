import AxeBuilder from '@axe-core/playwright';
import { expect, type Page, test } from '@playwright/test';
import { Screen } from './support/screen';

test.use({ viewport: { width: 1920, height: 1080 } });

/** Alice, created with xl through the firmware. */
async function openWithAlice(page: Page): Promise<Screen> {
  const screen = new Screen(page);
  await screen.open();
  await page.keyboard.press('`');
  const line = page.getByRole('combobox', { name: 'Console line' });
  await line.fill('xl create alice.cfg');
  await line.press('Enter');
  await expect(page.getByRole('slider', { name: 'Position in time' })).toHaveAttribute(
    'aria-valuetext',
    /xl create alice\.cfg/,
  );
  await page.keyboard.press('Escape');
  return screen;
}

const openTab = (page: Page, name: string) => page.getByRole('tab', { name }).click();

test('a command that the firmware refuses is answered with the check that decided', async ({ page }) => {
  const screen = await openWithAlice(page);
  await openTab(page, 'State machines');
  const guest = page.getByRole('figure', { name: 'States of the guest' });
  await expect(guest.locator('[aria-current="true"]')).toContainText('RUNNING');
  await expect(
    page.getByRole('figure', { name: 'States of the platform' }).locator('[aria-current="true"]'),
  ).toContainText('WORKING');

  await guest.getByRole('button', { name: /^LAUNCH_MEASURE, LUPDATE to LSECRET: would be refused/ }).click();
  const checks = page.getByRole('list', { name: 'The checks of LAUNCH_MEASURE' });
  await expect(checks.getByRole('listitem')).toHaveCount(6);
  await expect(checks.getByRole('listitem').nth(2)).toContainText(
    /LUPDATE.*refused here.*INVALID_GUEST_STATE/,
  );
  await expect(checks.getByRole('listitem').nth(1)).toContainText('passed');
  await expect(checks.getByRole('listitem').nth(3)).toContainText('not reached');
  await expect(page.getByRole('status').filter({ hasText: 'LAUNCH_MEASURE' })).toContainText(
    'INVALID_GUEST_STATE',
  );
  await expect(guest.locator('[aria-current="true"]')).toContainText('RUNNING');

  const buffer = page.getByRole('region', { name: 'The command buffer of LAUNCH_MEASURE' });
  await expect(buffer.getByRole('row', { name: /MEASURE_LEN/ })).toContainText('30 00 00 00');

  const before = await screen.moment();
  await page.getByRole('button', { name: /^LAUNCH_START, SUCCESS: go to change/ }).click();
  await expect.poll(() => screen.moment()).not.toBe(before);
  await expect(guest.locator('[aria-current="true"]')).toContainText('LUPDATE');
});

test('an allowed command moves the state', async ({ page }) => {
  await openWithAlice(page);
  await openTab(page, 'State machines');
  const activation = page.getByRole('figure', { name: 'States of the activation' });
  await expect(activation.locator('[aria-current="true"]')).toContainText('active');
  await activation
    .getByRole('button', { name: /^DEACTIVATE/ })
    .first()
    .click();
  await expect(activation.locator('[aria-current="true"]')).toContainText('inactive');
  await page.getByRole('button', { name: /^DECOMMISSION, to UNINIT: would be carried out/ }).click();
  await expect(
    page.getByRole('figure', { name: 'States of the guest' }).locator('[aria-current="true"]'),
  ).toContainText('UNINIT');
  await expect(
    page.getByRole('figure', { name: 'States of the platform' }).locator('[aria-current="true"]'),
  ).toContainText('INIT');
});

test('certificates are seen when they have been exported, secrets never', async ({ page }) => {
  await openWithAlice(page);
  await openTab(page, 'Keys');
  await page.getByRole('button', { name: /^PEK, platform endorsement key/ }).click();
  await expect(page.getByText('Its secret bytes are inside the secure processor.')).toBeVisible();
  await expect(page.getByRole('region', { name: 'The certificate' })).toHaveCount(0);
  await page.getByRole('button', { name: 'PDH_CERT_EXPORT' }).click();
  const certificate = page.getByRole('region', { name: 'The certificate' });
  await expect(certificate).toContainText('signed by OCA: verifies');
  await expect(certificate).toContainText('signed by CEK: verifies');
  await expect(certificate.getByRole('row', { name: /PUBKEY_USAGE/ })).toContainText('0x1002');
});

test('a rule leads from where it refused to its entry among the sources, and any rule is found by search', async ({
  page,
}) => {
  await openWithAlice(page);
  await openTab(page, 'State machines');
  await page
    .getByRole('figure', { name: 'States of the guest' })
    .getByRole('button', { name: /^LAUNCH_MEASURE/ })
    .click();
  await page
    .getByRole('list', { name: 'The checks of LAUNCH_MEASURE' })
    .getByRole('button', { name: /sev_guest\.c \(state_tbl_sev\)/ })
    .click();
  const sources = page.getByRole('dialog', { name: 'Sources' });
  await expect(sources.getByRole('article', { name: 'asp.guest-lupdate' })).toContainText('LAUNCH_MEASURE');
  await sources.getByRole('searchbox', { name: 'Search the rules' }).fill('asp.host-key');
  await expect(sources.getByRole('article', { name: 'asp.host-key' })).toContainText('asp/keys.ts');
  // As in any field to search with, the first Escape empties it.
  await page.keyboard.press('Escape');
  await page.keyboard.press('Escape');
  await expect(sources).toHaveCount(0);
  await page.keyboard.press('Control+k');
  await page.getByRole('dialog', { name: 'Search for anything' }).getByRole('combobox').fill('sources');
  await page.keyboard.press('Enter');
  await expect(sources.getByRole('heading', { name: 'What the talk refers to' })).toBeVisible();
});

for (const theme of ['dark', 'light', 'projector']) {
  test(`states, keys and sources have no violations in the ${theme} theme`, async ({ page }) => {
    await page.addInitScript(
      (chosen) => localStorage.setItem('sevscope.view', JSON.stringify({ theme: chosen })),
      theme,
    );
    test.setTimeout(90_000);
    await openWithAlice(page);
    await openTab(page, 'State machines');
    await page.getByRole('button', { name: /^LAUNCH_MEASURE, LUPDATE/ }).click();
    await expect(page.getByRole('list', { name: 'The checks of LAUNCH_MEASURE' })).toBeVisible();
    const violations = async (inside: string) => {
      const found = await new AxeBuilder({ page }).include(inside).analyze();
      return found.violations.map(({ id, nodes }) => `${inside}: ${id} ${nodes[0]?.html}`);
    };
    expect(await violations('main')).toEqual([]);
    await openTab(page, 'Keys');
    await page.getByRole('button', { name: 'Export the certificates' }).click();
    await expect(page.getByRole('region', { name: 'The certificate' })).toBeVisible();
    expect(await violations('main')).toEqual([]);
    await page.getByRole('button', { name: 'Sources' }).click();
    await expect(page.getByRole('dialog', { name: 'Sources' })).toBeVisible();
    expect(await violations('dialog')).toEqual([]);
  });
}
