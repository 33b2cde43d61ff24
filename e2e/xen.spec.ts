import { expect, type Locator, type Page, test } from '@playwright/test';
import { Screen } from './support/screen';

const CONFIG = `# a guest of mine
name   = "alice"
type   = "pvh"
vcpus  = 1
memory = 2
kernel = "/boot/vmlinuz-sev"
coco   = 1
`;

const bytes = (text: string) => new TextEncoder().encode(text);

/** The window takes files as soon as the part that does has arrived, behind the first picture. */
async function dropUntil(screen: Screen, name: string, content: Uint8Array, seen: Locator): Promise<void> {
  await expect(async () => {
    await screen.drop(name, '', content);
    await expect(seen).toBeVisible({ timeout: 1000 });
  }).toPass();
}

async function type(page: Page, line: string): Promise<void> {
  const input = page.getByRole('combobox', { name: 'Console line' });
  if (!(await input.isVisible())) await page.keyboard.press('`');
  await input.fill(line);
  await input.press('Enter');
}

test('a dropped configuration becomes a guest, whose creation one steps down to the firmware', async ({
  page,
}) => {
  const screen = new Screen(page);
  await screen.open();
  const dialog = page.getByRole('dialog', { name: 'Guest configuration alice.cfg' });
  await dropUntil(screen, 'alice.cfg', bytes(CONFIG), dialog);
  await expect(dialog.getByRole('status')).toContainText('alice: PVH, 1 vCPU, 2 MiB, asks for encryption');
  await dialog.getByRole('button', { name: 'Only put it into Domain-0' }).click();
  await expect(screen.notices).toContainText('alice.cfg is in Domain-0');

  await type(page, 'xl create alice.cfg');
  await expect(page.getByRole('log')).toContainText(/guest: alice/);
  await type(page, 'xl list');
  await expect(page.getByRole('log')).toContainText(/alice\s+1\s+2\s+1/);
  await page.getByRole('button', { name: 'Close the console' }).click();

  await page.getByRole('tab', { name: 'Xen stack' }).click();
  const panel = page.getByRole('tabpanel', { name: 'Xen stack' });
  await panel.getByRole('combobox', { name: 'Action' }).selectOption({ label: '2: xl create alice.cfg' });
  await expect(panel.getByRole('tree')).toHaveAccessibleName('Calls of xl create alice.cfg');
  await panel.getByRole('button', { name: 'First call' }).click();
  const here = panel.getByRole('status', { name: 'Call at the cursor' });
  await expect(here).toContainText('main_create');
  // Into each call in turn: through the layers to the command that makes the guest and its key.
  const seen: string[] = [];
  for (let steps = 0; steps < 60 && seen.at(-1) !== 'LAUNCH_START'; steps++) {
    await panel.getByRole('button', { name: 'into', exact: true }).click();
    const before = seen.at(-1);
    await expect.poll(async () => (await here.locator('code').textContent()) ?? '').not.toBe('');
    const name = (await here.locator('code').textContent()) ?? '';
    if (name !== before) seen.push(name);
  }
  expect(seen).toEqual(
    expect.arrayContaining(['libxl_domain_create_new', 'do_domctl', 'sev_domain_initialise', 'sev_do_cmd']),
  );
  expect(seen.at(-1)).toBe('LAUNCH_START');
  await expect(here).toContainText('hardware');
  await expect(here).toContainText('ASP firmware');
  await panel
    .getByRole('treeitem', { name: /^sev_do_cmd, RFC/ })
    .first()
    .click();
  await expect(here).toContainText('RFC');
  await expect(panel.getByRole('heading', { name: 'sev_do_cmd' })).toBeVisible();
  await expect(panel).toContainText('Starting AMD SEV work');
});

test('a configuration with an error shows line and column, and is not created', async ({ page }) => {
  const screen = new Screen(page);
  await screen.open();
  await screen.next();
  const moment = await screen.moment();
  const dialog = page.getByRole('dialog', { name: 'Guest configuration bad.cfg' });
  await dropUntil(screen, 'bad.cfg', bytes('name = "bad"\ntype = pvh\nmemory = 2\n'), dialog);
  await expect(dialog.getByRole('status')).toContainText('line 2, column 8');
  const create = dialog.getByRole('button', { name: 'Put it into Domain-0 and xl create it' });
  await expect(create).toBeDisabled();
  expect(await screen.moment()).toBe(moment);
  await dialog
    .getByRole('textbox', { name: 'Text of bad.cfg' })
    .fill('name = "bad"\ntype = "pvh"\nmemory = 2\nkernel = "/boot/k"\n');
  await expect(create).toBeEnabled();
  await create.click();
  await expect(screen.notices).toContainText('xl create bad.cfg');
});

for (const [what, name, content, sentence] of [
  ['no text', 'noise.cfg', Uint8Array.of(0x6e, 0x3d, 0x0a, 0xff, 0xfe), 'noise.cfg, line 2, column 1'],
  ['too large', 'huge.cfg', new Uint8Array(70_000).fill(0x61), 'huge.cfg'],
] as const) {
  test(`a configuration that is ${what} is named wrong, and nothing is lost`, async ({ page }) => {
    const screen = new Screen(page);
    await screen.open();
    await screen.next();
    const moment = await screen.moment();
    await dropUntil(screen, name, content, screen.notices.getByRole('alert').first());
    await expect(screen.notices.getByRole('alert').first()).toContainText(sentence);
    expect(await screen.moment()).toBe(moment);
  });
}

test('a refusal is followed from where it was decided up to xl', async ({ page }) => {
  const screen = new Screen(page);
  await screen.open();
  await type(page, 'xl create alice.cfg nestedhvm=1');
  await expect(page.getByRole('log')).toContainText('libxl: error');
  await page.getByRole('button', { name: 'Close the console' }).click();
  await page.getByRole('tab', { name: 'Xen stack' }).click();
  const panel = page.getByRole('tabpanel', { name: 'Xen stack' });
  await expect(panel.getByRole('heading', { name: 'Refused: EINVAL' })).toBeVisible();
  await expect(
    panel.getByRole('treeitem', { name: /arch_sanitise_domain_config.*refuses here/ }),
  ).toBeVisible();
});

test('only upstream: what is proposed is dimmed, and the same on today’s Xen makes an ordinary guest', async ({
  page,
}) => {
  const screen = new Screen(page);
  await screen.open();
  await type(page, 'xl create alice.cfg');
  await page.getByRole('button', { name: 'Close the console' }).click();
  await page.getByRole('tab', { name: 'Xen stack' }).click();
  const panel = page.getByRole('tabpanel', { name: 'Xen stack' });
  await panel.getByRole('checkbox', { name: 'Only upstream' }).check();
  await expect(panel.getByRole('note')).toContainText('ordinary guest');
  await panel.getByRole('button', { name: 'Do the same on today’s Xen' }).click();
  await expect(panel.getByRole('note')).toContainText('every call that is drawn exists upstream');
  await expect(panel.getByRole('treeitem', { name: /RFC|branch/ })).toHaveCount(0);
});

test('with SEV-ES chosen, Alice is launched with her registers and Bob without', async ({ page }) => {
  const screen = new Screen(page);
  await screen.open();
  await page.getByRole('radio', { name: 'SEV-ES' }).click();
  for (const guest of ['alice', 'bob']) {
    await type(page, `xl create ${guest}.cfg`);
    await expect(page.getByRole('log')).toContainText(`guest: ${guest}`);
  }
  await type(page, 'xl debug-keys a');
  await expect(page.getByRole('log')).toContainText('d1 alice: ASID 2, SEV-ES, handle 1');
  await expect(page.getByRole('log')).toContainText('d2 bob: ASID 10, SEV, handle 2');
  await page.getByRole('button', { name: 'Close the console' }).click();

  await page.getByRole('tab', { name: 'Xen stack' }).click();
  const panel = page.getByRole('tabpanel', { name: 'Xen stack' });
  const stack = panel.getByRole('tree');
  await panel.getByRole('combobox', { name: 'Action' }).selectOption({ label: '1: xl create alice.cfg' });
  await expect(stack).toContainText('VMSA from VMCB, LAUNCH_UPDATE_VMSA');
  await panel.getByRole('combobox', { name: 'Action' }).selectOption({ label: '2: xl create bob.cfg' });
  await expect(stack).toHaveAccessibleName('Calls of xl create bob.cfg');
  await expect(stack).not.toContainText('VMSA');
});

test('a guest is created, runs, migrates with what it holds, and is destroyed', async ({ page }) => {
  const screen = new Screen(page);
  await screen.open();
  const log = page.getByRole('log');
  const says = async (line: string, answer: RegExp | string) => {
    await type(page, line);
    await expect(log).toContainText(answer);
  };
  await says('xl create alice.cfg memory=1 sev_policy=0x01', /guest: alice/);
  await says('guest.write alice "balance=1000 EUR"', /length: 16/);
  await says('xl migrate alice host-b', /host: /);
  await says('xl list', /Name\s+ID/);
  await page.getByRole('button', { name: 'Close the console' }).click();
  await page.getByRole('radio', { name: 'Host B' }).click();
  await page.getByRole('tab', { name: 'ASIDs' }).click();
  await expect(page.getByRole('tabpanel', { name: 'ASIDs' })).toContainText('alice');
  await page.getByRole('radio', { name: 'Host A' }).click();
  await says('xl create bob.cfg memory=1', /guest: bob/);
  await type(page, 'xl destroy bob');
  await says('guest.write bob "anybody?"', 'There is no guest yet.');
});
