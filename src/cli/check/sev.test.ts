import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import keys from '../../engine/asp/crypto/vectors/kdf.json';
import launch from '../../engine/asp/crypto/vectors/sev-measurement.json';
import { RECOGNISERS } from './recognisers';
import type { CaseResult } from './result';

const run = (json: unknown): CaseResult[] =>
  RECOGNISERS.filter((recogniser) => recogniser.recognises(json)).flatMap((recogniser) =>
    recogniser.run(json),
  );
const failures = (json: unknown): CaseResult[] => run(json).filter(({ mismatches }) => mismatches.length > 0);

/** Words for people, which no case is computed from. */
const WORDS = ['id', 'source', 'note', 'command', 'title', 'formula', 'change'];

type Path = readonly (string | number)[];

/** The way to every value of a file that a case is computed from. */
function leaves(node: unknown, path: Path = []): Path[] {
  if (typeof node !== 'object' || node === null) return [path];
  return Object.entries(node)
    .filter(([key]) => !WORDS.includes(key))
    .flatMap(([key, value]) => leaves(value, [...path, Array.isArray(node) ? Number(key) : key]));
}

function otherValue(old: unknown): unknown {
  if (typeof old === 'number') return old + 1;
  if (old === 'little' || old === 'big') return old === 'big' ? 'little' : 'big';
  if (old === '') return '00';
  return String(old).replace(/[0-9a-f](?=[^0-9a-f]*$)/, (digit) => (digit === '1' ? '2' : '1'));
}

/** A file of one case, with one value of it changed. */
function altered(file: object, [section, index, ...path]: Path): { id: string; json: unknown } {
  const list = (file as Record<string, unknown[]>)[section ?? ''];
  const entry = structuredClone(list?.[Number(index)]) as { id: string };
  const parent = path.slice(0, -1).reduce((node, key) => (node as never)[key], entry as unknown) as Record<
    string | number,
    unknown
  >;
  const last = path.at(-1) ?? '';
  parent[last] = otherValue(parent[last]);
  return { id: entry.id, json: { [section ?? '']: [entry] } };
}

describe('files of the firmware’s cryptography', () => {
  it.each([
    ['key derivation', keys, 19],
    ['launch', launch, 15],
  ])('%s: pass when right', (_, json, cases) => {
    expect(failures(json)).toEqual([]);
    expect(run(json)).toHaveLength(cases);
  });

  it.each([
    ...leaves(keys).map((path) => [path.join('.'), keys, path] as const),
    ...leaves(launch).map((path) => [path.join('.'), launch, path] as const),
  ])('fail when %s is another', (_, file, path) => {
    const { id, json } = altered(file, path);
    const ignored = file === keys && isUnselected(path);
    expect(failures(json).map((failure) => failure.id)).toEqual(ignored ? [] : [id]);
  });

  const folder = new URL('../../../../shared/vectors/', import.meta.url);
  describe.each([
    ['kdf.json', 20],
    ['sev-measurement.json', 24],
  ])('the original %s', (name, cases) => {
    const path = fileURLToPath(new URL(name, folder));
    it.skipIf(!existsSync(path))('passes (skipped where the shared vectors are absent)', () => {
      const json: unknown = JSON.parse(readFileSync(path, 'utf8'));
      expect(failures(json)).toEqual([]);
      expect(run(json)).toHaveLength(cases);
    });
  });
});

/** A field of a guest that the request does not select, or the second part of a digest: no key depends on it. */
function isUnselected([section, index, group, field]: Path): boolean {
  if (section !== 'derived_key' || group !== 'guest') return false;
  if (field === 'measurement' || field === 'idkey') return true;
  const bit = ['policy', 'image_id', 'family_id', 'measurement', 'guest_svn', 'requested_tcb'].indexOf(
    String(field),
  );
  const selected = BigInt(keys.derived_key[Number(index)]?.request.guest_field_select ?? 0);
  return bit >= 0 && ((selected >> BigInt(bit)) & 1n) === 0n;
}

describe('a wrong measurement that must not be produced', () => {
  const base = launch.launch_measure[2];
  const negative = (change: string, measure = base?.measure) => ({
    launch_measure: [base],
    launch_measure_negative: [{ id: 'n', base: base?.id, change, measure }],
  });

  it.each([
    ['the base’s own', 'policy 0x0137001d -> 0x0137001d', /differs from meas-13/],
    ['of a base with other values', 'policy 1 -> 2', /policy of the base is/],
    ['of an unknown change', 'moon full -> new', /is not known here/],
  ])('%s is a failure', (_, change, reason) => {
    const [failure] = failures(negative(change));
    expect(failure?.mismatches.map(({ what, got }) => `${what}: ${got}`).join()).toMatch(reason);
  });

  it('with a base that the file lacks is a failure', () => {
    const json = { ...negative('build_id 21 -> 22'), launch_measure: [] };
    expect(failures(json)[0]?.mismatches[0]?.got).toBe('base: there is no case meas-13');
  });
});
