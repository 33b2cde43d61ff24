import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { asp } from '../asp';
import { firmwareTraces } from '../check/firmware-traces';

const folder = mkdtempSync(join(tmpdir(), 'sevscope-asp-'));
afterAll(() => rmSync(folder, { recursive: true }));

function run(...args: string[]): { code: number; out: string[]; err: string[] } {
  const [out, err]: [string[], string[]] = [[], []];
  const code = asp.run(args, { line: (text) => out.push(text), error: (text) => err.push(text) });
  return { code, out, err };
}

const CONFIG = {
  k: 'config',
  cfg: 'X',
  snpEn: false,
  minSevAsid: 1,
  maxAsid: 20,
  sockets: 1,
  ccx: 2,
  coresPerCcx: 1,
  smt: true,
  dram: '0x0..0x3ffffff',
  labels: { 'D<n>': '0x01000000+0x1000*n', TMR1: '0x02000000', CMDBUF: '0x00ff0000', 'X+off': 'an offset' },
};
const DOWN = { sev: 'UNINIT', snp: 'UNINIT', rmp: false };
const UP = { ...DOWN, sev: 'INIT' };
const guest = (st: string, asid: number, act: string) => ({ h: 1, st, asid, act });
const withGuest = (...of: Parameters<typeof guest>) => ({
  ...UP,
  sev: 'WORKING',
  guests: { g1: guest(...of) },
});

const FLUSHED = [
  { cmd: 'INIT', status: 0, post: UP },
  { cmd: 'HOST_WBINVD', host: 'OK', post: 'same' },
  { cmd: 'DF_FLUSH', status: 0, post: 'same' },
];

function file(name: string, ...records: readonly object[]): string {
  const path = join(folder, name);
  writeFileSync(path, records.map((each) => `${JSON.stringify(each)}\n`).join(''));
  return path;
}

const LIFE = {
  k: 'setup',
  id: 'life',
  cfg: 'X',
  steps: [
    ...FLUSHED,
    { cmd: 'LAUNCH_START', p: { guest: 'g1' }, status: 0, post: withGuest('LUPDATE', 0, 'inactive') },
    { cmd: 'ACTIVATE', p: { guest: 'g1', asid: 2 }, status: 0, post: withGuest('LUPDATE', 2, 'pending') },
  ],
};

describe('asp', () => {
  it('agrees with a trace, with probes from the end of a set-up, and with an internal error', () => {
    const path = file(
      'good.jsonl',
      CONFIG,
      LIFE,
      { k: 'probe', setup: 'life', i: 1, r: { cmd: 'LAUNCH_FINISH', status: 2, post: 'same' } },
      {
        k: 'probe',
        setup: 'life',
        i: 2,
        r: { cmd: 'DEACTIVATE', status: 0, post: withGuest('LUPDATE', 0, 'inactive') },
      },
      {
        k: 'probe',
        setup: 'life',
        i: 3,
        r: { cmd: 'DBG_DECRYPT', p: { len: 0 }, status: null, internal: true },
      },
      { k: 'seq', id: 'other', cfg: 'X', steps: FLUSHED },
      { k: 'probe', setup: 'life', i: 4, r: { cmd: 'RAW', p: { id: 0x26 }, status: 17, post: 'same' } },
    );
    expect(run(path)).toEqual({ code: 0, out: ['12 agree, 0 differ'], err: [] });
  });

  it('says where a step differs, what was expected and what came, and which check decided', () => {
    const wrong = {
      ...LIFE,
      steps: [
        ...LIFE.steps,
        { cmd: 'LAUNCH_FINISH', p: { guest: 'g1' }, status: 0, post: withGuest('RUNNING', 2, 'active') },
      ],
    };
    const { code, out } = run(file('bad.jsonl', CONFIG, wrong));
    expect(code).toBe(1);
    expect(out).toEqual([
      'life step 6: LAUNCH_FINISH guest=g1: status: expected 0x0 SUCCESS, got 0x2 INVALID_GUEST_STATE by asp.guest-lsecret; guest g1: expected RUNNING, ASID 2, active, got LUPDATE, ASID 2, pending',
      '5 agree, 1 differ',
    ]);
    const json = run(file('bad.jsonl', CONFIG, wrong), '--json').out.map((line) => JSON.parse(line));
    expect(json[0]).toMatchObject({ id: 'life step 6', cmd: 'LAUNCH_FINISH' });
    expect(json[1]).toEqual({ agree: 5, differ: 1, uncounted: 0 });
  });

  it('tells steps apart that do not count', () => {
    const steps = [
      ...FLUSHED,
      { cmd: 'DOWNLOAD_FIRMWARE', status: 99, stubDecides: 'fwimage', post: 'same' },
      { cmd: 'NOP', status: 99, uninit: true, post: 'same' },
      { cmd: 'NOP', status: 0, post: 'same' },
    ];
    const { code, out } = run(
      file('uncounted.jsonl', CONFIG, { k: 'seq', id: 'uncounted', cfg: 'X', steps }),
    );
    expect(code).toBe(0);
    expect(out.map((line) => line.split(' ')[0])).toEqual(['2', '4']);
    expect(out.at(-1)).toBe('4 agree, 0 differ');
  });

  it.each([
    ['{"k":"config"}', /line 1: cfg: /],
    ['{"k":"happy"', /line 1: not valid JSON/],
    [`${JSON.stringify(CONFIG)}\n{"k":"seq","id":"a","cfg":"Y","steps":[]}`, /no configuration Y/],
    [`${JSON.stringify(CONFIG)}\n{"k":"probe","setup":"a","r":{"cmd":"NOP"}}`, /no set-up a/],
    [
      `${JSON.stringify(CONFIG)}\n{"k":"seq","id":"a","cfg":"X","steps":[{"cmd":"GET_ID","p":{"addr":"Q1"}}]}`,
      /no label Q1/,
    ],
    [
      `${JSON.stringify(CONFIG)}\n{"k":"seq","id":"a","cfg":"X","steps":[{"cmd":"toString"}]}`,
      /command toString/,
    ],
  ])('refuses what is not of the format, with the reason (%#)', (text, reason) => {
    const path = join(folder, 'refused.jsonl');
    writeFileSync(path, text);
    const { code, err } = run(path);
    expect(code).toBe(2);
    expect(err[0]).toMatch(reason);
  });
});

describe('check', () => {
  it('takes such a file by its content and counts its steps', () => {
    const text = [CONFIG, LIFE].map((each) => JSON.stringify(each)).join('\n');
    expect(firmwareTraces.recognises(text)).toBe(true);
    expect(firmwareTraces.recognises('{"cases":[]}')).toBe(false);
    expect(firmwareTraces.run('x', text)).toHaveLength(5);
  });
});

const sample = fileURLToPath(new URL('../../../../shared/vectors/asp-oracle-sample.jsonl', import.meta.url));

it.skipIf(!existsSync(sample))(
  'the recorded sample agrees (skipped where the shared vectors are absent)',
  { timeout: 60_000 },
  () => {
    const { code, out } = run(sample);
    expect(out.at(-1)).toMatch(/^\d{4} agree, 0 differ$/);
    expect(code).toBe(0);
  },
);
