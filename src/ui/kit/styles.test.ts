import { readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { expect, test } from 'vitest';

const UI = join(import.meta.dirname, '..');

const sheets = readdirSync(UI, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.css'));

/** Classes that a style sheet defines on their own, at its top level. */
const classesOf = (file: string): string[] =>
  [
    ...readFileSync(join(UI, file), 'utf8')
      .replace(/\/\*[\s\S]*?\*\//g, '')
      .matchAll(/^\.([a-z][\w-]*)(?=\s*[{,])/gm),
  ].map(([, name = '']) => name);

test('no class means two things: style sheets of views that are open later stay loaded', () => {
  const rooms = new Map<string, Set<string>>();
  for (const sheet of sheets)
    for (const name of classesOf(sheet)) rooms.set(name, (rooms.get(name) ?? new Set()).add(dirname(sheet)));
  const shared = [...rooms].filter(([, where]) => where.size > 1);
  expect(
    shared.map(([name, where]) => `.${name} in ${[...where].map((room) => basename(room)).join(', ')}`),
  ).toEqual([]);
  expect(rooms.size).toBeGreaterThan(100);
});
