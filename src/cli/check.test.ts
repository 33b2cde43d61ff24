import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import memory from '../engine/memory/vectors/aes-xex.json';
import move from '../engine/memory/vectors/block-move.json';
import { RECOGNISERS } from './check/recognisers';
import type { CaseResult } from './check/result';
import truth from './check/vectors/access-truth.json';
import answers from './check/vectors/known-answers.json';

const run = (json: unknown): CaseResult[] =>
  RECOGNISERS.filter((recogniser) => recogniser.recognises(json)).flatMap((recogniser) =>
    recogniser.run(json),
  );

const failures = (json: unknown): CaseResult[] => run(json).filter((result) => result.mismatches.length > 0);

/** The same file with the value at one path changed. */
function altered(
  json: unknown,
  path: readonly (string | number)[],
  value: (old: unknown) => unknown,
): unknown {
  const copy: unknown = structuredClone(json);
  const parent = path.slice(0, -1).reduce((node, key) => (node as never)[key], copy) as Record<
    string | number,
    unknown
  >;
  const last = path.at(-1) ?? '';
  parent[last] = value(parent[last]);
  return copy;
}

/** Changes the first hexadecimal digit after `0x`, or the first. */
const otherDigit = (text: unknown): string =>
  String(text).replace(/^(0x)?([0-9a-f])/, (_, prefix = '', digit) => prefix + (digit === '1' ? '2' : '1'));

const words = { tweak_words: { 4: '82253838', 31: '4f5ce727', 51: '2509d8a6' } };

describe('files that are right pass', () => {
  it.each([
    ['memory encryption', memory, 39],
    ['tweak words', words, 3],
    ['known answers', answers, 7],
    ['moved blocks', move, 2],
    ['key selection', truth, 31],
  ])('%s', (_, json, cases) => {
    expect(failures(json)).toEqual([]);
    expect(run(json)).toHaveLength(cases);
  });

  const folder = new URL('../../../shared/vectors/', import.meta.url);
  describe.each(['aes-xex.json', 'aes-kat.json', 'block-move.json', 'cpu.json'])(
    'the original %s',
    (name) => {
      const path = fileURLToPath(new URL(name, folder));
      it.skipIf(!existsSync(path))('passes (skipped where the shared vectors are absent)', () => {
        const json: unknown = JSON.parse(readFileSync(path, 'utf8'));
        expect(run(json).length).toBeGreaterThan(0);
        expect(failures(json)).toEqual([]);
      });
    },
  );
});

describe('one wrong value fails its case, and only that', () => {
  const fieldsOf = (section: string, fields: string[], list: readonly object[]): (string | number)[][] =>
    list.flatMap((entry, i) => fields.filter((field) => field in entry).map((field) => [section, i, field]));

  it.each([
    ...fieldsOf(
      'cases',
      ['key', 'key2', 'pa', 'plaintext', 'ciphertext', 'data_unit', 'page_ciphertext_sha256'],
      memory.cases,
    ),
    ...fieldsOf(
      'move',
      ['key', 'pa_source', 'pa_target', 'plaintext', 'ciphertext_at_source', 'adjusted_ciphertext'],
      memory.move,
    ),
    ...fieldsOf('move', ['decrypted_when_copied_unchanged', 'decrypted_when_adjusted'], memory.move),
    ...fieldsOf(
      'wrong_key',
      ['key_written', 'key_read', 'pa', 'plaintext', 'ciphertext', 'read_back'],
      memory.wrong_key,
    ),
    ...fieldsOf('tweak_only', ['T'], memory.tweak_only),
    ['cases', 0, 'tweaks', 0],
  ])('memory encryption %s %s %s', (...path) => {
    expect(failures(altered(memory, path, otherDigit))).toHaveLength(1);
  });

  it('a mode', () => {
    const [failure] = failures(altered(memory, ['cases', 0, 'mode'], () => 'xe-linear'));
    expect(failure).toMatchObject({
      id: 'xex-lin-01',
      mismatches: [{ what: 'ciphertext' }, { what: 'plaintext' }],
    });
  });

  it('a tweak word', () => {
    expect(failures(altered(words, ['tweak_words', '31'], otherDigit))).toEqual([
      {
        id: 'tweak_words 31',
        mismatches: [
          { what: 'four times the word', expected: '1f5ce727'.repeat(4), got: '4f5ce727'.repeat(4) },
        ],
      },
    ]);
  });

  it.each([
    ...fieldsOf('aes_ecb', ['key', 'plaintext', 'ciphertext'], answers.aes_ecb),
    ...fieldsOf('aes_ctr', ['key', 'iv', 'plaintext', 'ciphertext'], answers.aes_ctr),
    ...fieldsOf('aes_gcm', ['key', 'iv', 'aad', 'plaintext', 'ciphertext', 'tag'], answers.aes_gcm),
    ...fieldsOf('hash', ['key', 'input_hex', 'output'], answers.hash),
  ])('known answer %s %s %s', (...path) => {
    expect(failures(altered(answers, path, otherDigit))).toHaveLength(1);
  });

  it.each([
    ...Object.entries(move.worked)
      .flatMap(([field, value]) =>
        typeof value === 'string'
          ? [['worked', field]]
          : Object.keys(value).map((inner) => ['worked', field, inner]),
      )
      .filter(([, field]) => field !== 'note'),
    ['rankGF2OfPublishedConstants'],
  ])('moved block %s %s %s', (...path) => {
    expect(failures(altered(move, path, otherDigit))).toHaveLength(1);
  });

  it.each(truth.sevAccessTruthTable.map((row, i) => [i, row.mode, row.access]))(
    'key selection row %i %s %s',
    (i) => {
      const wrong = altered(truth, ['sevAccessTruthTable', i], (row) => ({
        ...(row as object),
        key: (row as { key?: string }).key === 'guest' ? 'host' : 'guest',
      }));
      expect(failures(wrong)).toHaveLength(1);
    },
  );

  it('a row that holds for some of the values that it leaves open', () => {
    const row = {
      mode: 'SEV',
      memEncModEn: 1,
      guestMode: 1,
      sevActive: 1,
      access: 'data',
      pagingMode: 'long',
    };
    const table = { sevAccessTruthTable: [{ ...row, guestC: 0, nestedC: 'any', key: 'none' }] };
    expect(failures(table)[0]?.mismatches[0]).toMatchObject({ expected: 'none', got: 'host' });
  });
});

describe('a case that cannot be run fails with the reason', () => {
  it.each([
    [
      'a missing field',
      { cases: [{ id: 'x', mode: 'ecb', pa: '0x0', ciphertext: '' }] },
      /key: .*; plaintext: /,
    ],
    ['bad digits', { tweak_only: [{ pa: '0x10', T: 'zz' }] }, /T: not an even number of hexadecimal digits/],
    ['a bad address', { tweak_only: [{ pa: 'ten', T: '00' }] }, /pa: neither a number nor/],
    ['an address beyond 2^52', { tweak_only: [{ pa: '0x10000000000000', T: '00' }] }, /passes 2\^52/],
    [
      'an unknown hash',
      { hash: [{ alg: 'MD5', input_hex: '', output: '' }] },
      /alg: "MD5" is not known here/,
    ],
    [
      'an endless input',
      { hash: [{ alg: 'SHA-256', input_hex: '00 x 99999999999', output: '' }] },
      /longer than/,
    ],
    [
      'an unknown access',
      { sevAccessTruthTable: [{ mode: 'SEV', memEncModEn: 1, access: 'dream', key: 'none' }] },
      /access: "dream" is not known here/,
    ],
    [
      'a row of no access',
      {
        sevAccessTruthTable: [
          { mode: '', memEncModEn: 1, guestMode: 0, sevActive: 1, access: 'data', key: 'none' },
        ],
      },
      /no access can be as this row says/,
    ],
  ])('%s', (_, json, reason) => {
    expect(failures(json)[0]?.mismatches).toEqual([
      { what: 'run', expected: 'a case that can be run', got: expect.stringMatching(reason) },
    ]);
  });

  it('no matter what stands where a list should be', () => {
    for (const junk of [null, 7, 'x', {}, [null], [[]], [{}]]) {
      const json = {
        ...memory,
        cases: junk,
        move: junk,
        wrong_key: junk,
        tweak_words: { 4: junk, x: '00000000' },
      };
      expect(() => run(json)).not.toThrow();
      expect(run({ sevAccessTruthTable: [{ access: junk, memEncModEn: junk }] })[0]?.mismatches).not.toEqual(
        [],
      );
    }
  });
});

it('recognises nothing in other data', () => {
  for (const json of [
    null,
    1,
    'cases',
    [],
    {},
    { cases: [] },
    { cases: [{ id: 'snp-01' }] },
    { worked: 1 },
  ]) {
    expect(run(json)).toEqual([]);
  }
});
