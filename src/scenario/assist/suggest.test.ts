import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { scenarioJsonSchema } from '../jsonSchema';
import { parseScenario } from '../parse';
import type { Shape } from './shapes';
import { suggest } from './suggest';

const schema = scenarioJsonSchema() as Shape;

/** What is suggested where `|` stands. */
function at(text: string) {
  const offset = text.indexOf('|');
  return suggest(text.slice(0, offset) + text.slice(offset + 1), offset, schema);
}
const labels = (text: string): string[] => at(text)?.suggestions.map(({ label }) => label) ?? [];

const STEP = 'title: T\nsummary: S\nrows: []\nsteps:\n  - title: A step\n';

describe('keys', () => {
  it('of an empty file, in the order of the schema', () => {
    expect(labels('|')).toEqual(['title', 'summary', 'rows', 'machine', 'breaks', 'attack', 'steps']);
  });

  it('only those that are not there yet', () => {
    expect(labels('title: T\nsu|')).not.toContain('title');
    expect(labels('title: T\nsu|')).toContain('summary');
    expect(labels(`${STEP}    |`)).toEqual(['narration', 'do', 'tech', 'view', 'predict', 'aim', 'expect']);
  });

  it('of the first line of a list’s map', () => {
    expect(labels('steps:\n  - |')).toContain('narration');
    expect(labels('steps:\n  - ti|\n    narration: N')).toContain('title');
  });

  it('of an action are those of its type', () => {
    const keys = labels(`${STEP}    do:\n      - { type: guest.write, guest: alice, | }`);
    expect(keys.slice(0, 5)).toEqual(['data', 'at', 'name', 'vcpu', 'tech']);
    expect(keys).not.toContain('config');
    expect(labels(`${STEP}    do:\n      - type: xl.create\n        co|\n`)).toEqual(
      expect.arrayContaining(['config', 'extra', 'paused']),
    );
  });

  it('of an expectation are those that go with what stands there', () => {
    const keys = labels(`${STEP}    expect:\n      - { lamp: integrity, | }`);
    expect(keys).toEqual(['is', 'tech']);
  });

  it('say what they are, which are needed, and open their value', () => {
    const [title] = at('|')?.suggestions ?? [];
    expect(title).toMatchObject({ text: 'title: ', detail: 'text, up to 80 characters, needed' });
    expect(at('title: T\nstep|')?.suggestions.find(({ label }) => label === 'steps')?.text).toBe('steps:');
  });

  it('keep the colon that is there', () => {
    expect(at('ti|tle: T')?.suggestions[0]).toMatchObject({ label: 'title', text: 'title' });
  });
});

describe('values', () => {
  it('of a closed list', () => {
    expect(labels('machine: { technology: | }')).toEqual(['off', 'sme', 'sev', 'sev-es', 'sev-snp']);
    expect(labels('machine:\n  generation: mi|\n')).toContain('milan');
    expect(labels('rows: [SME-1, |]')).toContain('SNP-6');
    expect(labels('rows:\n  - S|')).toContain('SME-6');
  });

  it('of a type are all actions, each with its help', () => {
    const all = at(`${STEP}    do:\n      - { type: | }`)?.suggestions ?? [];
    expect(all.length).toBeGreaterThan(60);
    expect(all.find(({ label }) => label === 'xl.create')?.says).toMatch(/^Creates a guest/);
  });

  it('of a guest are the names in the file first', () => {
    const text = `${STEP}    do:\n      - { type: xl.create, config: zoe.cfg }\n      - { type: xl.pause, guest: | }`;
    expect(labels(text).slice(0, 2)).toEqual(['zoe', 'alice']);
    expect(labels(`${STEP}    do:\n      - { type: xl.create, config: | }`)).toContain('bob.cfg');
    expect(labels(`${STEP}    expect:\n      - { look: { who: | } }`)).toEqual(
      expect.arrayContaining(['alice', 'dram', 'xen.c1']),
    );
  });

  it('of a switch', () => {
    expect(labels('machine: { tsme: t| }')).toEqual(['true', 'false']);
  });

  it('of an address are what guests have, quoted', () => {
    const text = `${STEP}    do:\n      - { type: guest.write, guest: alice, name: note, data: x }\n    view: { page: | }`;
    expect(at(text)?.suggestions).toContainEqual(
      expect.objectContaining({ label: 'alice:note', text: '"alice:note"' }),
    );
  });

  it('of a text are none', () => {
    expect(labels('title: Co|')).toEqual([]);
    expect(labels(`${STEP}    narration: >-\n      Some wo|\n`)).toEqual([]);
    expect(labels('title: T # co|')).toEqual([]);
  });
});

describe('help', () => {
  it('is what the schema says about the key or the value', () => {
    expect(at('summary|: S')?.help).toEqual({
      title: 'summary: text, up to 200 characters',
      says: 'One sentence',
    });
    expect(at('summary: So it| is')?.help?.says).toBe('One sentence');
    expect(at(`${STEP}    do:\n      - { type: xl.cre|ate }`)?.help).toMatchObject({ title: 'xl.create' });
    expect(at(`${STEP}    do:\n      - { type: guest.write, dat|a: x }`)?.help?.says).toBe(
      'text, or bytes as hex:…',
    );
    expect(at('nonsense|: 1')?.help).toBeNull();
  });
});

describe('whatever the text', () => {
  const piece = fc.oneof(
    fc.constantFrom(
      'title',
      'steps',
      'do',
      'type',
      'xl.create',
      'guest',
      'expect',
      'look',
      ': ',
      ':',
      '\n',
      '\n  ',
      '\n    - ',
      '- ',
      '{ ',
      ' }',
      '[',
      ']',
      ', ',
      '&a ',
      '*a',
      '!!map ',
      '|',
      '>-',
      '"',
      "'",
      '#',
      '---',
      '? ',
      '<<: ',
      '%YAML',
      '\t',
      'hasOwnProperty',
      '__proto__',
      'constructor',
      '\u0000',
      '\ud800',
    ),
    fc.string({ maxLength: 6 }),
  );
  const text = fc.array(piece, { maxLength: 60 }).map((pieces) => pieces.join(''));

  it('neither reading nor suggesting throws, and places lie inside', () => {
    fc.assert(
      fc.property(text, fc.nat(), (written, somewhere) => {
        const offset = somewhere % (written.length + 1);
        const parsed = parseScenario(written, 'fuzz.yaml');
        if (!parsed.ok) {
          const lines = written.split('\n').length;
          expect(parsed.refusal.line).toBeGreaterThanOrEqual(1);
          expect(parsed.refusal.line).toBeLessThanOrEqual(lines + 1);
        }
        const found = suggest(written, offset, schema);
        if (!found) return;
        expect(found.from).toBeLessThanOrEqual(offset);
        expect(found.to).toBeGreaterThanOrEqual(offset);
        expect(found.suggestions.length).toBeLessThanOrEqual(200);
      }),
      { numRuns: 1500 },
    );
  });

  const KIB = 1024;
  it.each([
    ['open brackets', '['.repeat(200 * KIB)],
    ['many braces that close', '{}'.repeat(100 * KIB)],
    ['one long line of guests', 'guest: a '.repeat(28 * KIB)],
    ['dashes', '- '.repeat(100 * KIB)],
    ['quotes', '"'.repeat(200 * KIB)],
    ['colons', ': '.repeat(100 * KIB)],
    ['blank lines', '\n'.repeat(200 * KIB)],
    ['one long word', 'a'.repeat(250 * KIB)],
    ['dashes without blanks', '-'.repeat(250 * KIB)],
    ['spaces', ' '.repeat(250 * KIB)],
    ['keys without end', 'a: 1\n'.repeat(50 * KIB)],
    [
      'aliases that grow',
      `a: &a [1]\n${Array.from({ length: 60 }, (_, n) => `b${n}: &b${n} [*a, *a, *a]`).join('\n')}`,
    ],
    ['too much', 'x'.repeat(300 * KIB)],
  ])('%s take no long time', (_, written) => {
    const begun = performance.now();
    parseScenario(written, 'big.yaml');
    for (const offset of [0, Math.floor(written.length / 2), written.length])
      suggest(written, offset, schema);
    expect(performance.now() - begun).toBeLessThan(15_000);
  });
});
