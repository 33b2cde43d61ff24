import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RECOGNISERS } from './recognisers';
import type { CaseResult } from './result';
import tables from './vectors/es-tables.json';

const run = (json: unknown): CaseResult[] =>
  RECOGNISERS.filter((recogniser) => recogniser.recognises(json)).flatMap((recogniser) =>
    recogniser.run(json),
  );
const failures = (json: unknown): CaseResult[] => run(json).filter(({ mismatches }) => mismatches.length > 0);

/** Rows of all tables, and what `vmsa` and `ghcb` say beside them. */
const CASES = 294;

describe('tables of SEV-ES', () => {
  it('pass when right, one case a row', () => {
    expect(failures(tables)).toEqual([]);
    expect(run(tables)).toHaveLength(CASES);
  });

  const original = fileURLToPath(new URL('../../../../shared/vectors/cpu.json', import.meta.url));
  it.skipIf(!existsSync(original))(
    'are those of the original cpu.json (skipped where the shared vectors are absent)',
    () => {
      const json: unknown = JSON.parse(readFileSync(original, 'utf8'));
      expect(json).toMatchObject(tables);
      expect(failures(json)).toEqual([]);
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

/** A file with the one table that a path leads into. */
function tableOf([file, table]: Path): unknown {
  const whole: unknown = structuredClone(at(tables, [file ?? '']));
  return { [String(file)]: file === 'ghcb' ? { [String(table)]: at(whole, [table ?? '']) } : whole };
}

function altered(path: Path, value: unknown): unknown {
  const copy = tableOf(path);
  const parent = at(copy, path.slice(0, -1)) as Record<string | number, unknown>;
  parent[path.at(-1) ?? ''] = value;
  return copy;
}

/** Words for people, which no case is computed from. */
const WORDS = [
  /\.meaning$/,
  /^automaticExitNotes\.(interceptBit|secureAvic)$/,
  /^automaticExitNotes\..*\.(note|guests|outcome)$/,
  /\.description$/,
  /vcErrorCodes\.exit code$/,
];

/** Another value in the same place, or null where the text says nothing that could be another. */
function another(old: unknown, path: Path): unknown {
  const key = path.at(-1);
  if (typeof old === 'number') return old + 1;
  if (typeof old === 'boolean') return !old;
  if (old === null) return key === 'direction' ? 'guest' : true;
  const text = String(old);
  if (key === 'name' || path[0] === 'errorCodes') return `x${text}`;
  if (key === 'layout')
    return text
      .replace(/\[(\d)(?=\d*:\d+\](?! reserved|=))|^do not/, (found) =>
        found === 'do not' ? '[63:12] do not' : `${found}${found.endsWith('9') ? 1 : 9}`,
      )
      .replace(/\] zero$/, '] data');
  if (path.includes('inputs') || path.includes('outputs'))
    return text
      .replace(/\b(R[A-D]X|XCR0|CPL|SW_SCRATCH)\b/, (name) => (name === 'RCX' ? 'RSI' : 'RCX'))
      .replace(/SW_EXITINFO(\d)/, (_, n) => `SW_EXITINFO${n === '1' ? 2 : 1}`)
      .replace(/^buffer$/, 'nothing')
      .replace(/^as .*$/, 'as CPUID');
  if (key === 'checksumCovers') return text.replace('FBF', 'FBE');
  if (path.includes('exitInfo1Return')) return text.replace(/success|exception|bad usage/, 'nothing');
  if (key === 'direction') return text === 'guest' ? 'hypervisor' : 'guest';
  return text.replace(/[0-9a-f](?=[^0-9a-f]*$)/i, (digit) => (digit === '1' ? '2' : '1'));
}

const changes = leaves(tables)
  .filter((path) => !WORDS.some((words) => words.test(path.join('.'))))
  .map((path) => [path.join('.'), path, at(tables, path)] as const)
  .map(([name, path, old]) => [name, path, another(old, path), old] as const)
  .filter(([, , value, old]) => value !== old);

describe('one other value fails its case, and only that', () => {
  it.each(changes)('%s', (_, path, value) => {
    expect(failures(altered(path, value))).toHaveLength(1);
  });

  it('covers nearly every value', () => {
    expect(changes.length).toBeGreaterThan(750);
  });
});

it('each table is known without the others', () => {
  const paths = Object.keys(tables).flatMap((file): Path[] =>
    file === 'ghcb' ? Object.keys(tables.ghcb).map((table) => [file, table]) : [[file]],
  );
  expect(paths.map((path) => run(tableOf(path)).length).reduce((a, b) => a + b)).toBe(CASES);
});

it('no content makes it throw', () => {
  const anything = fc.anything({ withBigInt: false });
  const name = fc.constantFrom(...Object.keys(tables), ...Object.keys(tables.ghcb), 'offsets', 'fields');
  const row = fc.oneof(fc.constantFrom(...tables.vmcb.offsets, ...tables.ghcb.nae), anything);
  fc.assert(
    fc.property(fc.dictionary(name, fc.oneof(fc.array(row), fc.dictionary(name, fc.array(row)))), (json) => {
      expect(() => run(json)).not.toThrow();
    }),
  );
});
