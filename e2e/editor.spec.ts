import AxeBuilder from '@axe-core/playwright';
import { expect, type Locator, type Page, test } from '@playwright/test';
import { Screen } from './support/screen';

const OWN = `title: My own
summary: A test.
rows: []
machine: { technology: sev, memory: 16 MiB }
steps:
  - title: Alice comes # a remark
    narration: She writes.
    do:
      - { type: xl.create, config: alice.cfg, extra: memory=1 }
      - { type: guest.write, guest: alice, data: secret, name: note }
    expect:
      - { look: { who: xen, at: "alice:note" }, is: different, as: secret }
  - title: Alice goes
    narration: She is destroyed.
    do:
      - { type: xl.destroy, guest: alice }
`;

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

/** Milliseconds in which a list of suggestions that has just opened takes no key, so that nobody accepts what they did not see. */
const UNSEEN = 75;

class Editor {
  readonly screen: Screen;
  readonly page: Page;

  constructor(page: Page) {
    this.page = page;
    this.screen = new Screen(page);
  }

  get pane(): Locator {
    return this.page.getByRole('region', { name: 'Scenario editor' });
  }
  get text(): Locator {
    return this.pane.getByRole('textbox', { name: /^Text of / });
  }
  get said(): Locator {
    return this.pane.getByRole('status');
  }
  get mistakes(): Locator {
    return this.pane.getByRole('list', { name: 'Mistakes' });
  }

  async open(): Promise<void> {
    await this.screen.script.getByRole('button', { name: 'Edit', exact: true }).click();
    await expect(this.text).toBeVisible({ timeout: 20_000 });
    await expect(this.text).toBeFocused();
  }

  async dropAndOpen(text = OWN, title = 'My own'): Promise<void> {
    await this.screen.open();
    // What takes files comes behind the first picture.
    await expect(async () => {
      await this.screen.drop('mine.scenario.yaml', 'application/yaml', bytes(text));
      await expect(this.screen.script.getByRole('heading', { name: title })).toBeVisible({ timeout: 3000 });
    }).toPass();
    await this.open();
  }

  /** Puts the caret behind the first place where this text stands. */
  async caretBehind(words: string): Promise<void> {
    await this.text.evaluate((element, sought) => {
      const walker = document.createTreeWalker(element, NodeFilter.SHOW_ELEMENT);
      let line: Element | null = null;
      while (walker.nextNode()) {
        const here = walker.currentNode as Element;
        if (here.classList.contains('cm-line') && here.textContent?.includes(sought)) {
          line = here;
          break;
        }
      }
      if (!line) throw new Error(`“${sought}” is not on the screen`);
      let left = (line.textContent ?? '').indexOf(sought) + sought.length;
      const texts = document.createTreeWalker(line, NodeFilter.SHOW_TEXT);
      while (texts.nextNode()) {
        const { length } = texts.currentNode as Text;
        if (left <= length) break;
        left -= length;
      }
      const root = element.getRootNode() as ShadowRoot & { getSelection?: () => Selection };
      const selection = root.getSelection?.() ?? getSelection();
      (element as HTMLElement).focus();
      selection?.collapse(texts.currentNode, left);
    }, words);
  }
}

test('an edited scenario runs again by itself, at the same step', async ({ page }) => {
  const editor = new Editor(page);
  await editor.screen.open('/#2/s/cold-boot/2');
  const moment = await editor.screen.moment();
  await editor.open();
  await expect(editor.said).toContainText('Change something');
  await editor.caretBehind('title: Cold boot');
  await page.keyboard.type(' of mine');
  await expect(editor.said).toContainText('all is as the script expects');
  await expect(editor.pane.getByText('Step 2 of 6')).toBeVisible();
  expect(await editor.screen.moment()).toBe(moment);
  await expect(page.getByRole('button', { name: /Cold boot of mine/ })).toBeVisible();

  await page.keyboard.press('Control+z');
  await expect.poll(() => editor.screen.hash()).toContain('/s/cold-boot/2');
});

test('an attack is edited like any scenario, on the machine that was chosen', async ({ page }) => {
  const editor = new Editor(page);
  await editor.screen.open('/#2/s/npt-remap-severed/2');
  await page.getByRole('radio', { name: 'SEV-SNP' }).click({ force: true });
  await expect(page.getByRole('radio', { name: 'SEV-SNP' })).toBeChecked();
  await editor.open();
  await editor.caretBehind('title: A client asks');
  await page.keyboard.type(' again');
  await expect(editor.said).toContainText('all is as the script expects');
  await expect(editor.pane.getByText('Step 2 of 4')).toBeVisible();
  await expect(page.getByRole('radio', { name: 'SEV-SNP' })).toBeChecked();
});

test('a mistake is named at its line, and the last good run stays', async ({ page }) => {
  const editor = new Editor(page);
  await editor.dropAndOpen();
  await editor.pane.getByRole('button', { name: /Next/ }).click();
  await expect(editor.pane.getByText('Step 1 of 2')).toBeVisible();
  const moment = await editor.screen.moment();
  await editor.caretBehind('guest: alice, data');
  await page.keyboard.type('x');
  await expect(editor.said).toContainText('cannot be read yet');
  await expect(editor.mistakes).toContainText('Line 10: Nothing here is called “datax”.');
  expect(await editor.screen.moment()).toBe(moment);
  await editor.mistakes.getByRole('button', { name: 'Line 10' }).click();
  await expect(editor.text).toBeFocused();

  await editor.caretBehind('datax');
  await page.keyboard.press('Backspace');
  await expect(editor.said).toContainText('Change something');
  await expect(editor.mistakes).toBeHidden();
});

test('what does not hold and what cannot be done is said at its step', async ({ page }) => {
  const editor = new Editor(page);
  await editor.dropAndOpen();
  await editor.pane.getByRole('button', { name: /Next/ }).click();
  await editor.caretBehind('is: different');
  await page.keyboard.press('Control+Backspace');
  await page.keyboard.type('same');
  await expect(editor.said).toContainText('not everything is as the script expects');
  await expect(editor.mistakes).toContainText('Line 6');

  await editor.pane.getByRole('button', { name: /Next/ }).click();
  await expect(editor.pane.getByText('Step 2 of 2')).toBeVisible();
  await editor.caretBehind('note" }, is');
  await editor.caretBehind('guest: alice, data: secret, name: note');
  await page.keyboard.type(', at: "gpa(bob:kernel)"');
  await expect(editor.said).toContainText('It runs as far as it can');
  await expect(editor.mistakes).toContainText('Line 10');
  await expect(editor.pane.getByText('Step 0 of 2')).toBeVisible();

  // Once it goes on, the run stands where it would have stood.
  await editor.pane.getByRole('button', { name: 'Back to how it was opened' }).click();
  await expect(editor.pane.getByText('Step 2 of 2')).toBeVisible();
  await expect(editor.mistakes).toBeHidden();
});

test('keys, words and guests are suggested, with what they mean', async ({ page }) => {
  const editor = new Editor(page);
  await editor.dropAndOpen();
  await editor.caretBehind('memory: 16 MiB');
  await page.keyboard.type(', gen');
  const list = editor.pane.getByRole('listbox');
  await expect(list.getByRole('option', { name: /^generation/ })).toBeVisible();
  await page.waitForTimeout(UNSEEN);
  await page.keyboard.press('Enter');
  await expect(list.getByRole('option', { name: 'turin' })).toBeVisible();
  await page.waitForTimeout(UNSEEN);
  await page.keyboard.type('tu');
  await page.keyboard.press('Enter');
  await expect(editor.text).toContainText('generation: turin');
  await expect(editor.said).toContainText('all is as the script expects');

  await editor.caretBehind('guest.wri');
  await expect(editor.pane.getByText(/The guest writes text or bytes/)).toBeVisible();
});

test('Tab leaves the text, Escape closes the suggestions and nothing else', async ({ page }) => {
  const editor = new Editor(page);
  await editor.dropAndOpen();
  const before = await editor.text.textContent();
  await page.keyboard.press('Control+Space');
  await expect(editor.pane.getByRole('listbox')).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(editor.pane.getByRole('listbox')).toBeHidden();
  await page.keyboard.press('Escape');
  await expect(editor.pane).toBeVisible();
  await page.keyboard.press('Tab');
  await expect(editor.text).not.toBeFocused();
  expect(await editor.text.textContent()).toBe(before);
  await page.keyboard.press('Shift+Tab');
  await expect(editor.text).toBeFocused();
  // Keys of the window are plain letters here.
  await page.keyboard.type('#bp');
  await expect(editor.screen.script).toBeVisible();
});

test('the text survives a reload, is saved under its title, and discarded', async ({ page }) => {
  const editor = new Editor(page);
  await editor.screen.open('/#2/s/cold-boot/1');
  await editor.open();
  await editor.caretBehind('title: Cold boot');
  await page.keyboard.type(' again # why');
  await expect(editor.said).toContainText('all is as the script expects');
  await expect.poll(() => editor.screen.hash()).toContain('#saved=');
  // The session is kept a moment after it has moved.
  await page.waitForTimeout(2000);
  await page.reload();
  await expect(editor.text).toContainText('title: Cold boot again # why', { timeout: 30_000 });
  await expect(editor.pane.getByText('Step 1 of 6')).toBeVisible();

  const download = page.waitForEvent('download');
  await editor.pane.getByRole('button', { name: 'Save as a file' }).click();
  expect((await download).suggestedFilename()).toBe('cold-boot-again-why.scenario.yaml');

  await editor.pane.getByRole('button', { name: 'Discard changes' }).click();
  await expect(editor.text).not.toContainText('# why');
  await expect.poll(() => editor.screen.hash()).toContain('/s/cold-boot/1');
  await editor.pane.getByRole('button', { name: 'Close the editor' }).click();
  await expect(editor.screen.script.getByRole('heading', { name: 'Cold boot' })).toBeVisible();
});

test('a file is opened in the editor, wrong or not', async ({ page }) => {
  const editor = new Editor(page);
  await editor.screen.open();
  await editor.open();
  const chooser = page.waitForEvent('filechooser');
  await editor.pane.getByRole('button', { name: 'Open a file' }).click();
  await (await chooser).setFiles({
    name: 'wrong.yaml',
    mimeType: 'application/yaml',
    buffer: Buffer.from(OWN.replace('steps:', 'stepz:')),
  });
  await expect(editor.text).toContainText('stepz');
  await expect(editor.mistakes).toContainText('Line 5: Nothing here is called “stepz”.');
  await editor.caretBehind('stepz');
  await page.keyboard.press('Backspace');
  await page.keyboard.type('s');
  await expect(editor.said).toContainText('all is as the script expects');
  await expect(editor.pane.getByRole('heading', { name: 'wrong.yaml' })).toBeVisible();

  // A file that is dropped is opened by the window, and the editor follows.
  await editor.screen.drop('other.yaml', 'application/yaml', bytes(OWN.replace('My own', 'Another')));
  await expect(editor.pane.getByRole('heading', { name: 'other.yaml' })).toBeVisible();
  await expect(editor.text).toContainText('title: Another');
});

test('a long run is cancelled: the stage stays as it was, and the text can be run later', async ({
  page,
}) => {
  const round = `      - { type: xl.create, config: alice.cfg, extra: memory=4 }
      - { type: xl.destroy, guest: alice }
`;
  const long = `title: A long one
summary: A test.
rows: []
machine: { technology: sev-snp, memory: 64 MiB }
steps:
  - title: Alice comes and goes
    narration: Again and again.
    do:
${round.repeat(14)}`;
  const editor = new Editor(page);
  await editor.dropAndOpen(long, 'A long one');
  await editor.pane.getByRole('button', { name: /Next/ }).click();
  await expect(editor.pane.getByText('Step 1 of 1')).toBeVisible({ timeout: 45_000 });
  const moment = await editor.screen.moment();
  await editor.caretBehind('title: A long one');
  await page.keyboard.type(' again');
  await editor.pane.getByRole('button', { name: 'Cancel' }).click();
  await expect(editor.said).toContainText('You cancelled the run');
  expect(await editor.screen.moment()).toBe(moment);
  await expect(editor.pane.getByText('Step 1 of 1')).toBeVisible();
  await expect(page.getByRole('button', { name: /A long one again/ })).toHaveCount(0);

  await editor.pane.getByRole('button', { name: 'Run this text' }).click();
  await expect(editor.said).toContainText('all is as the script expects', { timeout: 45_000 });
  await expect(page.getByRole('button', { name: /A long one again/ })).toBeVisible();
});

test('script in the strings of a file is text and nothing else', async ({ page }) => {
  const evil = '<img src=x onerror="window.hurt=1"><script>window.hurt=1</script>';
  const quoted = JSON.stringify(evil);
  const violations: string[] = [];
  page.on('console', (message) => {
    if (/Content Security Policy/.test(message.text())) violations.push(message.text());
  });
  const editor = new Editor(page);
  const text = OWN.replace('title: My own', `title: ${quoted}`)
    .replace('She writes.', quoted)
    .replace('summary: A test.', `summary: ${quoted}`);
  await editor.dropAndOpen(text, evil);
  await expect(editor.text).toContainText('<script>window.hurt=1</script>');
  await editor.pane.getByRole('button', { name: /Next/ }).click();
  await editor.caretBehind('data: ');
  await page.keyboard.type('<b>bold</b>');
  await expect(editor.said).toContainText(/script expects|as far as it can/);
  await editor.caretBehind('is: dif');
  await page.keyboard.type('<img src=x>');
  await expect(editor.mistakes).toContainText('Line');
  expect(await page.evaluate(() => 'hurt' in window)).toBe(false);
  expect(violations).toEqual([]);
});

for (const theme of ['light', 'dark', 'projector'])
  test(`the editor is accessible in the ${theme} theme`, async ({ page }) => {
    await page.addInitScript((choice) => {
      localStorage.setItem('sevscope.view', JSON.stringify({ theme: choice }));
      localStorage.setItem('sevscope.theme', choice);
    }, theme);
    const editor = new Editor(page);
    await editor.dropAndOpen();
    await editor.pane.getByRole('button', { name: /Next/ }).click();
    await editor.caretBehind('guest: alice, data');
    await page.keyboard.type('x');
    await expect(editor.mistakes).toBeVisible();
    const { violations } = await new AxeBuilder({ page }).include('.app-script').analyze();
    expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`)).toEqual(
      [],
    );
  });
