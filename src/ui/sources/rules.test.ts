import { describe, expect, it } from 'vitest';
import { DOCUMENTS, documentOf } from './documents';
import { rowsOf } from './list';
import { readRules } from './testing/readRules';

// After a change of a rule, `npx vitest run src/ui/sources/rules.test.ts -u` writes the index anew.

const WIDTH = 110;

/** JSON as the formatter wants it: a list on one line where it fits. */
const json = (value: unknown): string =>
  `${JSON.stringify(value, null, 2).replace(
    /^( *"\w+": )\[\n([^[\]]*?)\n *\](,?)$/gm,
    (whole, name: string, list: string, end: string) => {
      const line = `${name}[${list.trim().replace(/\n */g, ' ')}]${end}`;
      return line.length <= WIDTH ? line : whole;
    },
  )}\n`;

const all = readRules();

describe('the index of rules', () => {
  it('is up to date', async () => {
    await expect(json(all)).toMatchFileSnapshot(new URL('./rules.json', import.meta.url).pathname);
  });

  it('has no rule without a source, and every document is cited', () => {
    for (const { id, source, files } of all) {
      expect([id, source.trim().length > 0, files.length > 0]).toEqual([id, true, true]);
    }
    expect(new Set(all.map(documentOf))).toEqual(new Set(DOCUMENTS));
  });

  it('knows rules of every kind: constants, made by functions, and the checks of commands', () => {
    const ids = new Set(all.map(({ id }) => id));
    for (const id of ['asp.host-key', 'asp.mailbox', 'asp.guest-lupdate', 'asp.measure-length'])
      expect(ids).toContain(id);
    const measure = all.find(({ id }) => id === 'asp.guest-lupdate');
    expect(measure).toMatchObject({ status: 'INVALID_GUEST_STATE', rooms: ['asp'] });
    expect(measure?.commands).toContain('LAUNCH_MEASURE');
  });
});

describe('searching', () => {
  const found = (query: string, standing: 'all' | 'published' | 'modelled' = 'all') =>
    rowsOf(all, query, standing).flatMap((row) => (row.kind === 'rule' ? [row.rule] : []));

  it('finds by sentence, by command and by status, and a name finds exactly its rule', () => {
    expect(found('LAUNCH_MEASURE INVALID_GUEST_STATE').map(({ id }) => id)).toContain('asp.guest-lupdate');
    expect(new Set(found('asp.guest-lupdate').map(({ id }) => id))).toEqual(new Set(['asp.guest-lupdate']));
    expect(found('zebra')).toEqual([]);
    expect(found('')).toHaveLength(all.length);
  });

  it('keeps to a standing', () => {
    expect(found('', 'modelled').every(({ standing }) => standing === 'modelled')).toBe(true);
    expect(found('', 'modelled').length + found('', 'published').length).toBe(all.length);
  });
});
