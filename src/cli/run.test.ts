import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { actionSchema } from '../engine/actions';
import { LAMP_NAMES } from '../engine/core/lamps';
import digests from '../scenario/library/digests.json';
import { ROWS } from '../scenario/rows';
import { dispatch } from './dispatch';

const folder = mkdtempSync(join(tmpdir(), 'sevscope-run-'));
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

const scenario = (expected: string): string => `title: A homework
summary: Alice writes.
rows: []
machine: { memory: 4 MiB }
steps:
  - title: Create
    narration: A guest.
    do: [{ type: xl.create, config: alice.cfg, extra: memory=1 }]
  - title: Write
    narration: A note, and a read that goes nowhere.
    do:
      - { type: guest.write, guest: alice, name: note, data: hello }
      - { type: guest.read, guest: alice, at: 0 }
    expect: [${expected}]
`;
const ATTACK =
  '{ tier: 2, year: 2020, paper: A paper, powers: [hypervisor], hurts: Alice, violates: [integrity], victim: alice, mitigations: [' +
  '{ id: other-seed, says: Another key, machine: { seed: 7 } }, { id: more-memory, says: More, extra: name=alice }] }';
const good = file('good.yaml', scenario("{ fault: '#PF' }"));
const bad = file('bad.yaml', scenario('{ fault: none }, { lamp: integrity, is: red }'));
const broken = file('broken.yaml', scenario('').replace('at: 0', "at: 'alice:letter'"));

describe('run', () => {
  it('prints one JSON line a step', () => {
    const { code, out, err } = run('run', good, '--json');
    expect({ code, err }).toEqual({ code: 0, err: [] });
    const [first, second] = out.map((line) => JSON.parse(line));
    expect(out).toHaveLength(2);
    expect(Object.keys(first)).toEqual([
      'step',
      'title',
      'actions',
      'outcomes',
      'faults',
      'properties',
      'predict',
      'digest',
      'failures',
      'elsewhere',
    ]);
    expect(first).toMatchObject({
      step: 1,
      title: 'Create',
      outcomes: [{ ok: true, result: { guest: 'alice' } }],
      faults: [],
      failures: [],
    });
    expect(second.actions).toMatchObject([{ type: 'guest.write' }, { type: 'guest.read', at: 0 }]);
    expect(second.faults).toMatchObject([
      { name: '#PF', rule: 'paging.not-present', source: expect.any(String), message: expect.any(String) },
    ]);
    const holds = { violated: false, because: null };
    expect(second.properties).toEqual(Object.fromEntries(LAMP_NAMES.map((name) => [name, holds])));
    expect(second.digest).toMatch(/^[0-9a-f]{64}$/);
  });

  it('exits with 1 when an expectation fails, and says which', () => {
    const { code, out } = run('run', bad);
    expect(code).toBe(1);
    expect(out.filter((line) => line.includes('FAILED'))).toHaveLength(2);
    expect(out.join('\n')).toMatch(
      /FAILED: expected {"fault":"none"}, but: #PF: .*\n.*FAILED: .*The integrity lamp is green\./,
    );
    expect(out.at(-1)).toBe('2 of 2 steps, 2 failures');
  });

  it('stops at a step that cannot be done, with what was done of it', () => {
    const { code, out } = run('run', '--json', broken);
    expect(code).toBe(1);
    const last = JSON.parse(out.at(-1) ?? '');
    expect(last).toMatchObject({
      step: 2,
      actions: [{ type: 'guest.write' }],
      failures: ['Step 2, action 2: Alice has nothing named “letter”.'],
    });
  });

  it('plays a built-in scenario by its id, with another seed and technology', () => {
    const digestOf = (...args: string[]): string =>
      JSON.parse(run('run', 'three-eyes', '--json', ...args).out.at(-1) ?? '').digest;
    expect(digestOf()).toBe(digests['three-eyes']);
    expect(digestOf('--seed', '7')).toBe(digestOf('--seed=7'));
    expect(digestOf('--seed', '7')).not.toBe(digestOf());
  });

  it('runs on another technology than the scenario names, and fails only by what is meant for that one', () => {
    const { code, out } = run('run', '--tech', 'sme', 'three-eyes');
    expect(code).toBe(0);
    expect(out[0]).toMatch(/^three-eyes: .*\(sme, /);
    expect(out.join('\n')).toMatch(/not for this technology: at home it is {.*}; on sme: /);
    expect(out.at(-1)).toMatch(/ steps, 0 failures, \d+ expectations are for another technology$/);

    const owned = (expected: string): string =>
      scenario(expected).replace('{ memory', '{ technology: sev, memory');
    const red = file('own.yaml', owned('{ lamp: integrity, is: red }'));
    expect(run('run', red).code).toBe(1);
    expect(run('run', red, '--tech', 'sev').code).toBe(1);
    expect(run('run', red, '--tech', 'sme').code).toBe(0);
    expect(JSON.parse(run('run', red, '--tech', 'sme', '--json').out[1] ?? '')).toMatchObject({
      failures: [],
      elsewhere: [expect.stringContaining('The integrity lamp is green.')],
    });
    const named = file('named.yaml', owned('{ lamp: integrity, is: red, tech: [sme, sev] }'));
    expect(run('run', named, '--tech', 'sme').code).toBe(1);
  });

  it('plays an attack with one of its mitigations, on SEV-SNP unless told otherwise', () => {
    const attack = scenario('{ look: { who: alice, at: "alice:note" }, is: same, as: hello }')
      .replace('rows: []', `rows: []\nattack: ${ATTACK}`)
      .replace(
        '{ type: guest.read, guest: alice, at: 0 }',
        '{ type: guest.read, guest: alice, at: "alice:note", length: 1 }',
      );
    const path = file('attack.yaml', attack);
    expect(run('run', path).out[0]).toMatch(/\(sev, milan, 4 MiB/);
    expect(run('run', path, '--with', 'other-seed').out[0]).toMatch(/\(sev-snp, milan, 4 MiB, seed 7\)/);
    expect(run('run', path, '--with', 'other-seed', '--tech', 'sme').out[0]).toMatch(/\(sme, .*seed 7\)/);
    const created = JSON.parse(run('run', path, '--with', 'more-memory', '--json').out[0] ?? '').actions[0];
    expect(created).toMatchObject({ type: 'xl.create', extra: 'memory=1 name=alice' });
    expect(run('run', path, '--with', 'nothing').err[0]).toBe(
      'run: There is no mitigation "nothing" of this scenario; there are other-seed, more-memory.',
    );
    expect(run('run', good, '--with', 'nothing').err[0]).toMatch(/; there are none\.$/);
  });

  it('holds an expectation against every technology when the scenario names none', () => {
    expect(run('run', bad, '--tech', 'sme').code).toBe(1);
  });

  it('leaves out what is meant for another technology', () => {
    const sme = file('tech.yaml', scenario("{ lamp: integrity, is: red, tech: [sme] }, { fault: '#PF' }"));
    expect(run('run', sme).code).toBe(0);
    expect(run('run', sme, '--tech', 'sme').code).toBe(1);
  });

  it.each([
    [['run'], 'run: No scenario was named.'],
    [['run', good, good], /^run: One scenario at a time/],
    [
      ['run', good, '--tech', 'snp'],
      'run: There is no technology "snp" here; there are off, sme, sev, sev-es, sev-snp.',
    ],
    [['run', good, '--seed', '-1'], /^run: /],
    [['run', good, '--seed', '1.5'], /^run: A seed is a whole number from 0 to 4294967295, not "1.5"\.$/],
    [['run', good, '--seed', '4294967296'], /^run: A seed is/],
    [['run', good, '--nope'], /^run: Unknown option '--nope'/],
    [
      ['run', 'no-such-thing'],
      /^no-such-thing: neither a file nor one of the built-in scenarios: three-eyes, /,
    ],
    [['run', join(folder, 'absent.yaml')], /absent\.yaml: cannot be read: there is no such file\.$/],
    [['run', `${folder}/`], /it is a directory\.$/],
    [['digest'], 'digest: No scenario was named.'],
    [['rows', 'x'], /^rows: Unexpected argument 'x'/],
    [['actions', '--json'], /^actions: Unknown option '--json'/],
  ])('%j → 2', (args, message) => {
    const { code, out, err } = run(...args);
    expect({ code, out }).toEqual({ code: 2, out: [] });
    expect(err[0]).toMatch(message);
  });

  it.each(
    [
      ['steps: 3', /bad-0\.yaml: line 1, column 1: “title” is missing\.$/],
      [scenario('{ folt: none }'), /bad-1\.yaml: line 14, column 16: Nothing here is called “folt”\.$/],
      ['a: [', /bad-2\.yaml: line 1, column \d+: This is not YAML/],
      [Uint8Array.of(0xff, 0xfe), /bad-3\.yaml: not UTF-8 text\.$/],
      ['title: "\u001b[2J\n', /bad-4\.yaml: line/],
    ].map(([content, message], i) => [i, content, message] as [number, string, RegExp]),
  )('a bad file, number %i → 2', (i, content, message) => {
    const { code, out, err } = run('run', file(`bad-${i}.yaml`, content));
    expect({ code, out }).toEqual({ code: 2, out: [] });
    expect(err).toEqual([expect.stringMatching(message)]);
    expect(err[0]).not.toContain('\u001b');
  });
});

it('digest prints the final digest, and nothing of a scenario that cannot be played', () => {
  expect(run('digest', 'c-bit')).toEqual({ code: 0, out: [digests['c-bit']], err: [] });
  expect(run('digest', broken)).toMatchObject({
    code: 1,
    out: [],
    err: [expect.stringMatching(/nothing named “letter”/)],
  });
});

it('rows says of every row whether it works, and by which scenarios', () => {
  const { code, out } = run('rows', '--json');
  expect(code).toBe(0);
  const reports: { row: string; works: boolean; scenarios: string[] }[] = JSON.parse(out.join('\n'));
  expect(reports.map(({ row }) => row)).toEqual(ROWS.map(({ row }) => row));
  const working = reports.filter(({ works }) => works).map(({ row }) => row);
  for (const row of [
    'SME-1',
    'SME-2',
    'SME-3',
    'SME-4',
    'SME-5',
    'SME-6',
    'SEV-1',
    'SEV-2',
    'SEV-3',
    'SEV-4',
    'SEV-5',
    'SEV-6',
    'SNP-1',
    'SNP-2',
    'SNP-3',
    'SNP-4',
    'SNP-5',
    'ARCH-2',
    'ARCH-3',
    'ARCH-4',
    'ARCH-5',
    'ARCH-6',
  ]) {
    expect(working).toContain(row);
  }
  for (const { works, scenarios } of reports) expect(scenarios.length > 0).toBe(works);
  expect(reports.find(({ row }) => row === 'SNP-4')).toEqual({
    row: 'SNP-4',
    works: true,
    scenarios: ['svsm'],
  });
});

it('actions prints the vocabulary with its schemas', () => {
  const { code, out } = run('actions');
  expect(code).toBe(0);
  const all: { type: string; title: string; actor: string; schema: { required: string[] } }[] = JSON.parse(
    out.join('\n'),
  );
  expect(all.find(({ type }) => type === 'guest.write')?.schema.required).toEqual(['type', 'guest', 'data']);
  expect(actionSchema.safeParse({ type: 'guest.write', guest: 'alice', data: 'x' }).success).toBe(true);
});
