import { readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Parsed, parseScenario } from './parse';

const good = `title: A title
summary: One sentence.
rows: [SME-1]
machine: { memory: 16 MiB }
steps:
  - title: First
    narration: Something happens.
    do:
      - { type: xl.create, config: alice.cfg, extra: memory=1 }
      - { type: guest.write, guest: alice, at: 'alice:note + 0x10', data: hello }
    expect:
      - { fault: none }
      - { look: { who: alice, at: 4096 }, is: same, as: hello }
`;

const parse = (text: string): Parsed => parseScenario(text, 'x.yaml');

function refusal(text: string): string {
  const parsed = parse(text);
  if (parsed.ok) throw new Error('it was accepted');
  const { file, line, column, reason } = parsed.refusal;
  return `${file}:${line}:${column}: ${reason}`;
}

const changed = (from: string, to: string): string => {
  if (!good.includes(from)) throw new Error(`no ${from}`);
  return refusal(good.replace(from, to));
};

it('reads a good file', () => expect(parse(good).ok).toBe(true));

describe('a mistake is named with its line and column', () => {
  it.each([
    ['title: A title\n', '', 'x.yaml:1:1: “title” is missing.'],
    ['title: A title', 'title: [1]', 'x.yaml:1:1: “title” should be a text.'],
    ['rows: [SME-1]', 'rows: [SME-9]', 'x.yaml:3:8: “rows” is not right: expected one of'],
    ['as: hello', 'as: 3', 'x.yaml:13:53: “as” should be a map of fields, or a text.'],
    ['at: 4096', 'at: -1', 'x.yaml:13:31: “at” is not right: the least is 0.'],
    ['memory: 16 MiB', 'memory: 16 MB', 'x.yaml:4:12: “memory” is not right: a size is written 16 MiB'],
    ['memory: 16 MiB', 'memory: 16 KiB', 'x.yaml:4:12: “memory” is not right: a size between'],
    ['memory: 16 MiB', 'memery: 16 MiB', 'x.yaml:4:12: Nothing here is called “memery”.'],
    ['narration:', 'naration:', 'x.yaml:7:5: Nothing here is called “naration”.'],
    [
      'xl.create',
      'guest.create',
      'x.yaml:9:11: There is no action “guest.create”. Guests are created by xl: {',
    ],
    [
      'xl.create',
      'guest.destroy',
      'x.yaml:9:11: There is no action “guest.destroy”. Guests are destroyed by xl.d',
    ],
    ['xl.create', 'xl.craete', 'x.yaml:9:11: There is no action “xl.craete”.'],
    ['extra: memory=1 }', 'extre: memory=1 }', 'x.yaml:9:47: Nothing here is called “extre”.'],
    ['guest: alice, at:', 'guest: Alice, at:', 'x.yaml:10:30: “guest” is not right: a guest is named by'],
    ['memory=1 }', 'memory=1, size: 3 }', 'x.yaml:9:64: Nothing here is called “size”.'],
    ['alice:note + 0x10', 'alice;note', 'x.yaml:10:44: “at” is not right: this is no address'],
    ['fault: none', 'falt: none', 'x.yaml:12:11: Nothing here is called “falt”.'],
    ['is: same', 'is: alike', 'x.yaml:13:43: “is” is not right'],
    ['who: alice', 'whom: alice', 'x.yaml:13:19: Nothing here is called “whom”.'],
    ['rows: [SME-1]', 'rows: [SME-1]\nrows: [SME-2]', 'x.yaml:4:1: “rows” stands here twice.'],
    ['steps:', 'steps: ]', 'x.yaml:5:8: This is not YAML'],
  ])('%s → %s', (from, to, message) => expect(changed(from, to)).toContain(message));

  it.each([
    ['', 'x.yaml:1:1: The file is empty.'],
    ['# nothing\n', 'x.yaml:1:1: The file is empty.'],
    ['3', 'x.yaml:1:1: “the scenario” should be a map of fields.'],
    ['- 1\n- 2', 'x.yaml:1:1: “the scenario” should be a map of fields.'],
    ['%YAML 9.9\n---\na: !!js/function x', 'x.yaml:'],
    ['a: 1\n---\nb: 2', 'x.yaml:2:1: This is not YAML'],
  ])('%j', (text, message) => expect(refusal(text)).toContain(message));
});

describe('malicious files are refused quickly', () => {
  const laughs = `a: &a [x, x, x, x, x, x, x, x, x]\n${[...'bcdefghij'].map((c, i) => `${c}: &${c} [${Array(9).fill(`*${'abcdefghij'[i]}`).join(', ')}]`).join('\n')}\n`;
  const wide = `${good.replace('rows: [SME-1]', `rows: [${'SME-1, '.repeat(20_000)}]`)}`;
  it.each([
    ['a billion laughs', laughs, /aliases|alias/],
    ['a cycle', 'a: &a [*a]', /stands inside what it repeats/],
    ['a cycle in a map', 'a: &a\n  b:\n    c: *a', /stands inside what it repeats/],
    ['an unknown alias', 'a: *b', /:1:4: Nothing before this place is called &b/],
    ['a deep flow', '['.repeat(50_000), /nested more than/],
    [
      'a deep block',
      Array.from({ length: 300 }, (_, i) => `${' '.repeat(i)}a:`).join('\n'),
      /nested more than/,
    ],
    ['deep dashes', `${'- '.repeat(20_000)}a`, /nested more than/],
    ['deep explicit keys', `${'? '.repeat(20_000)}a`, /nested more than/],
    ['too large', `title: ${'x'.repeat(300_000)}`, /a scenario has at most/],
    ['a long list', wide, /Here are 2000\d entries/],
    ['a map of many keys', Array.from({ length: 30_000 }, (_, i) => `k${i}:`).join('\n'), /entries/],
    [
      'a flow map of many keys',
      `{${Array.from({ length: 30_000 }, (_, i) => `k${i}`).join(',')}}`,
      /entries/,
    ],
    ['a key that is a list', '? [1, 2]\n: 3', /A key must be a text/],
    ['many anchors', Array.from({ length: 20_000 }, (_, i) => `- &a${i} x`).join('\n'), /entries/],
    ['a prototype', `${good}__proto__: { x: 1 }\n`, /Nothing here is called “__proto__”/],
    ['a merge key', `${good}<<: { x: 1 }\n`, /Nothing here is called/],
    ['control characters', 'title: "\u0000\u001b[2J"', /./],
  ])('%s', (_name, text, message) => {
    const before = process.cpuUsage();
    expect(refusal(text)).toMatch(message);
    expect(process.cpuUsage(before).user / 1e6, 'seconds of work').toBeLessThan(2.5);
  });
});

describe('whatever comes, there is an answer with a place', () => {
  const located = (text: string): void => {
    const parsed = parse(text);
    if (parsed.ok) return;
    const { line, column, reason } = parsed.refusal;
    expect(line).toBeGreaterThanOrEqual(1);
    expect(line).toBeLessThanOrEqual(text.split('\n').length);
    expect(column).toBeGreaterThanOrEqual(1);
    expect(reason).toMatch(/[.!?…]$/);
  };
  const folder = new URL('./library/', import.meta.url);
  const library = readdirSync(folder)
    .filter((name) => name.endsWith('.yaml'))
    .map((name) => readFileSync(new URL(name, folder), 'utf8'));

  it('random text', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 200 }), located), { numRuns: 300 });
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom(...'ab:-[]{},&*!|>#?\'" \n\t0'), maxLength: 80 }),
        located,
      ),
      { numRuns: 1000 },
    );
  });

  it('a good file with something else in one place', () => {
    const cut = fc.tuple(
      fc.constantFrom(good, ...library),
      fc.double({ min: 0, max: 1, noNaN: true }),
      fc.nat(30),
      fc.string({ maxLength: 12 }),
    );
    fc.assert(
      fc.property(cut, ([text, where, gone, fresh]) => {
        const at = Math.floor(where * text.length);
        located(text.slice(0, at) + fresh + text.slice(at + gone));
      }),
      { numRuns: 400 },
    );
  });

  it('any JSON value', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => located(JSON.stringify(value))),
      { numRuns: 300 },
    );
  });
});
