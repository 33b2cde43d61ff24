import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import tables from '../../engine/rmp/vectors/rmp.json';
import { RECOGNISERS } from './recognisers';
import type { CaseResult } from './result';

const run = (json: unknown): CaseResult[] =>
  RECOGNISERS.filter((recogniser) => recogniser.recognises(json)).flatMap((recogniser) =>
    recogniser.run(json),
  );
const failures = (json: unknown): CaseResult[] => run(json).filter(({ mismatches }) => mismatches.length > 0);

/** Rows of all tables, and what `rmp` says beside them. */
const CASES = 203;

const folder = new URL('../../../../shared/vectors/', import.meta.url);
const original = fileURLToPath(new URL('cpu.json', folder));
const messages = fileURLToPath(new URL('guest-messages.json', folder));

describe('tables of the RMP', () => {
  it('pass when right, one case a row', () => {
    expect(failures(tables)).toEqual([]);
    expect(run(tables)).toHaveLength(CASES);
  });

  it.skipIf(!existsSync(original))(
    'are those of the original cpu.json (skipped where the shared vectors are absent)',
    () => {
      expect(JSON.parse(readFileSync(original, 'utf8'))).toMatchObject(tables);
    },
  );
});

type Path = readonly (string | number)[];

function leaves(node: unknown, path: Path = []): Path[] {
  if (typeof node !== 'object' || node === null) return [path];
  return Object.entries(node).flatMap(([key, value]) =>
    leaves(value, [...path, Array.isArray(node) ? Number(key) : key]),
  );
}

const at = (node: unknown, path: Path): unknown => path.reduce((part, key) => (part as never)[key], node);

function altered(json: unknown, path: Path, value: unknown): unknown {
  const copy: unknown = structuredClone(json);
  const parent = at(copy, path.slice(0, -1)) as Record<string | number, unknown>;
  parent[path.at(-1) ?? ''] = value;
  return copy;
}

/** Words for people; and fields of an entry that another of its fields outweighs. */
const WORDS = [
  /\.(note|meaning|confidence|fix)$/,
  /^rmp\.(layoutSource|ruleNotes|outcomeLegendNote)/,
  /^rmp\.checkRows\.\d+\.rmpState\./,
  /^rmp\.sizeExamples\.0\.base$/,
  /^rmp\.examples\.\d+\.name$/,
  /^instructions\.6\.where$/,
];

/** The name of an instruction and what its checks ask: the case of the whole instruction needs them, too. */
const isShared = (path: Path): boolean =>
  path[0] === 'instructions' && /^(name|when)$/.test(String(path.at(-1)));

/** Another value in the same place. */
function another(old: unknown): unknown {
  if (typeof old === 'number') return old === 0 ? 1 : old - 1;
  if (typeof old === 'boolean') return !old;
  if (old === null) return 'x';
  const text = String(old);
  const digit = text.replace(/[0-9a-f](?=[^0-9a-f]*$)/, (found) => (found === '1' ? '2' : '1'));
  return /^0x|^[0-9a-f]{32}$/.test(text) ? digit : `x${text}`;
}

/** A file with the one table that a path leads into: of the instructions, the one. */
function tableOf([file = '', part = '']: Path): [unknown, (path: Path) => Path] {
  const inside = at(tables, [file, part]);
  return file === 'instructions'
    ? [{ [file]: [inside] }, (path) => [file, 0, ...path.slice(2)]]
    : [{ [file]: { [part]: inside } }, (path) => path];
}

function failuresWith(path: Path, value: unknown): CaseResult[] {
  const [table, moved] = tableOf(path);
  return failures(altered(table, moved(path), value));
}

const changes = leaves(tables)
  .filter((path) => !WORDS.some((words) => words.test(path.join('.'))))
  .map((path) => [path.join('.'), path] as const);

describe('one other value fails its case, and only that', () => {
  it.each(changes)('%s', (_, path) => {
    const failed = failuresWith(path, another(at(tables, path)));
    if (isShared(path)) expect(failed.length).toBeGreaterThan(0);
    else expect(failed).toHaveLength(1);
  });

  it('covers nearly every value', () => {
    expect(changes.length).toBeGreaterThan(600);
  });
});

describe('what a row of accesses says of the entry', () => {
  const { checkRows } = tables.rmp;
  const allowed = checkRows.flatMap(({ rmpState, outcome }, i) =>
    outcome === 'allow' && 'vmplAllows' in rmpState
      ? Object.keys(rmpState).map((field) => ['rmp', 'checkRows', i, 'rmpState', field] as const)
      : [],
  );
  it.each(allowed.map((path) => [path.join('.'), path] as const))('%s counts', (_, path) => {
    const old = at(tables, path);
    const value = typeof old === 'number' ? 1 - old : old === 'self' ? 'other' : !old;
    expect(failuresWith(path, value)).toHaveLength(1);
  });
});

describe('checks of an instruction', () => {
  it('have their order', () => {
    for (const [i, { checks }] of tables.instructions.entries()) {
      if (!checks) continue;
      const swapped = [checks[1], checks[0], ...checks.slice(2)];
      const path = ['instructions', i, 'checks'];
      expect(failuresWith(path, swapped)).toHaveLength(1);
      expect(failuresWith(path, checks.slice(1))).toHaveLength(1);
    }
  });
});

it('no content makes it throw', () => {
  const anything = fc.anything({ withBigInt: false });
  const name = fc.constantFrom(...Object.keys(tables), ...Object.keys(tables.rmp), 'messages', 'negative');
  const row = fc.oneof(
    fc.constantFrom<unknown>(...tables.rmp.rules, ...tables.rmp.checkRows, ...tables.instructions),
    anything,
  );
  fc.assert(
    fc.property(fc.dictionary(name, fc.oneof(fc.array(row), fc.dictionary(name, fc.array(row)))), (json) => {
      expect(() => run(json)).not.toThrow();
    }),
    { numRuns: 30 },
  );
});

describe.skipIf(!existsSync(messages))('guest messages (skipped where the shared vectors are absent)', () => {
  const json = existsSync(messages)
    ? (JSON.parse(readFileSync(messages, 'utf8')) as Record<string, unknown>)
    : {};

  it('pass when right', () => {
    expect(failures(json)).toEqual([]);
    expect(run(json)).toHaveLength(13);
  });

  it('one other value fails its case', () => {
    const rows = leaves({ messages: json.messages, negative: json.negative });
    const paths = rows.filter((path) => !/^(id|source)$/.test(String(path.at(-1))));
    expect(paths.length).toBeGreaterThan(80);
    for (const path of paths)
      expect([path, failures(altered(json, path, another(at(json, path)))).length > 0]).toEqual([path, true]);
  });
});
