import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { dispatch } from './dispatch';

const folder = mkdtempSync(join(tmpdir(), 'sevscope-cli-'));
afterAll(() => rmSync(folder, { recursive: true }));

function file(name: string, content: string | Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

function run(...args: string[]): { code: number; out: string[]; err: string[] } {
  const [out, err]: [string[], string[]] = [[], []];
  const code = dispatch(args, { line: (text) => out.push(text), error: (text) => err.push(text) });
  return { code, out, err };
}

const good = file('good.txt', '{"tweak_only":[{"pa":"0x10","T":"82253838822538388225383882253838"}]}');
const bad = file('bad.json', '{"tweak_words":{"4":"82253838","5":"00000000"}}');
const foreign = file('aes-xex.json', '{"cases":[{"id":"a"}]}');

describe('check', () => {
  it('recognises a file by its content, whatever its name', () => {
    expect(run('check', good)).toEqual({ code: 0, out: ['1 passed, 0 failed'], err: [] });
    const refused = run('check', foreign);
    expect(refused).toMatchObject({ code: 1, out: ['0 passed, 1 failed'] });
    expect(refused.err[0]).toMatch(/aes-xex\.json: holds no test vectors that this program knows\./);
  });

  it('prints each failure with its case, what was expected and what came', () => {
    const failure = `tweak_words 5: four times the word: expected ${'0'.repeat(32)}, got ${'ec09079c'.repeat(4)}`;
    expect(run('check', bad)).toEqual({ code: 1, out: [failure, '1 passed, 1 failed'], err: [] });
  });

  it('totals several files, and goes on after one that it refuses', () => {
    const { code, out, err } = run('check', good, foreign, bad);
    expect(code).toBe(1);
    expect(out[0]).toMatch(/bad\.json: tweak_words 5: /);
    expect(out.at(-1)).toBe('2 passed, 2 failed');
    expect(err).toHaveLength(1);
  });

  it.each([
    [
      'broken JSON, with the place',
      '{\n  "cases": [\n    x\n',
      /: not valid JSON: line 3, column 5: unexpected "x"\.$/,
    ],
    ['an empty file', '', /: not valid JSON: line 1, column 1: the text ends too early\.$/],
    ['bytes that are no text', new Uint8Array([0x7b, 0xff, 0xfe]), /: not UTF-8 text\.$/],
  ])('refuses %s', (_, content, message) => {
    const { code, out, err } = run('check', file('refused.json', content));
    expect({ code, out }).toEqual({ code: 1, out: ['0 passed, 1 failed'] });
    expect(err[0]).toMatch(message);
  });

  it('refuses what is absent, a folder, or far too large', () => {
    const large = file('large.json', '');
    truncateSync(large, 33 * 1024 * 1024);
    expect(run('check', join(folder, 'absent'))).toMatchObject({
      code: 1,
      err: [expect.stringMatching(/no such file\.$/)],
    });
    expect(run('check', folder)).toMatchObject({
      code: 1,
      err: [expect.stringMatching(/it is a directory that holds no certificates\.$/)],
    });
    expect(run('check', large)).toMatchObject({
      code: 1,
      err: [expect.stringMatching(/larger than 32 MiB/)],
    });
  });

  it('prints no control characters that a file brings along', () => {
    const { out } = run(
      'check',
      file('escape.json', '{"hash":[{"id":"\\u001b[2J","alg":"x","input_hex":"","output":""}]}'),
    );
    expect(out[0]).toContain('\\u001b[2J');
  });

  it('takes a file whose name looks like an option after --', () => {
    expect(run('check', '--', '-x.json').err[0]).toMatch(
      /^-x\.json: cannot be read: there is no such file\.$/,
    );
  });
});

describe('a wrong call says what is wrong and exits with 2', () => {
  it.each([
    [
      [],
      /^No command was given\. Commands: run, check, asp, measure, xl, rows, attacks, actions, digest; --help explains them\.$/,
    ],
    [['chekc'], /^There is no command or option "chekc"\./],
    [['--nope'], /^There is no command or option "--nope"\./],
    [['check'], /^check: No file was named\.$/],
    [['check', '--nope', 'x'], /^check: Unknown option '--nope'/],
  ])('%j', (args, message) => {
    const { code, out, err } = run(...args);
    expect(code).toBe(2);
    expect(out).toEqual([]);
    expect(err[0]).toMatch(message);
  });
});

it('explains itself', () => {
  expect(run('--help')).toMatchObject({ code: 0, err: [] });
  expect(run('--help').out.join('\n')).toMatch(/^ {2}check {4}Run files of test vectors/m);
  expect(run('check', '--help').out[0]).toBe('usage: npm run -s cli -- check FILE…');
  expect(run('check', good, '-h').code).toBe(0);
});

it('runs as a program', { timeout: 30_000 }, () => {
  const main = new URL('./main.ts', import.meta.url).pathname;
  expect(execFileSync(process.execPath, ['--import', 'tsx', main, 'check', good], { encoding: 'utf8' })).toBe(
    '1 passed, 0 failed\n',
  );
});
