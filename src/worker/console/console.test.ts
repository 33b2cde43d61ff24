import { beforeEach, describe, expect, it } from 'vitest';
import type { Action } from '../../engine/actions';
import { Bench } from '../../engine/testing/bench';
import type { ConsoleReply } from '../protocol';
import { completions } from './complete';
import { knownOf } from './knownOf';
import { printedBetween } from './printed';
import { runLine } from './run';

let bench: Bench;
let performed: Action[];

beforeEach(() => {
  bench = new Bench();
  performed = [];
});

function say(line: string): ConsoleReply {
  let from = 0;
  return runLine(line, {
    known: knownOf(bench.machine),
    perform: (action) => {
      from = bench.changes.length;
      performed.push(action);
      return bench.perform(action);
    },
    printed: () => printedBetween(from, bench.changes.length, (index) => bench.changes[index] as never),
    host: { look: () => ({}) as never, move: () => {}, place: () => '', digest: () => '' },
  });
}

/** The column to which the caret of a refusal points, counted from 0. */
const caretOf = ({ lines }: ConsoleReply): number => (lines[2] ?? '').indexOf('^');

const offered = (line: string): string[] =>
  completions(line, line.length, knownOf(bench.machine)).options.map(({ text }) => text);

describe('xl, typed', () => {
  it.each([
    ['xl create alice.cfg', { type: 'xl.create', config: 'alice.cfg' }],
    [
      'xl create alice.cfg memory=2 vcpus=1',
      { type: 'xl.create', config: 'alice.cfg', extra: 'memory=2 vcpus=1' },
    ],
    ['xl create -p /etc/xen/bob.cfg', { type: 'xl.create', config: 'bob.cfg', paused: true }],
    [`xl create alice.cfg 'name="carol"'`, { type: 'xl.create', config: 'alice.cfg', extra: 'name="carol"' }],
    ['xl list', { type: 'xl.list' }],
    ['xl info', { type: 'xl.info' }],
    ['xl dmesg', { type: 'xl.dmesg' }],
    ['xl debug-keys a', { type: 'xl.debug-keys', keys: 'a' }],
    [
      'rmpupdate 0x8000 yes asid=3 gpa=0x4000',
      { type: 'host.rmpupdate', at: 0x8000, assigned: true, asid: 3, gpa: 0x4000 },
    ],
    ['psmash at=2m', { type: 'host.psmash', at: 0x200000 }],
    ['xl pause alice', { type: 'xl.pause', guest: 'alice' }],
    ['xl migrate alice host-b', { type: 'xl.migrate', guest: 'alice' }],
  ])('%s', (line, action) => {
    say(line);
    expect(performed).toEqual([action]);
  });

  it('takes a guest by its number, as xl does', () => {
    say('xl create alice.cfg');
    say('xl destroy 1');
    expect(performed.at(-1)).toEqual({ type: 'xl.destroy', guest: 'alice' });
  });

  it.each([
    ['xl', 2, 'xl does what?'],
    ['xl crate alice.cfg', 3, 'has no crate'],
    ['xl create', 9, 'which configuration?'],
    ['xl create -c alice.cfg', 10, '-c is not modelled'],
    ['xl create a.cfg b.cfg', 16, 'one configuration'],
    ['xl list all', 8, 'nothing more'],
    ['xl debug-keys q', 14, 'only a'],
    ['xl migrate alice mars', 17, 'only other host'],
  ])('refuses %s where it goes wrong', (line, column, sentence) => {
    const reply = say(line);
    expect(reply).toMatchObject({ tone: 'refused' });
    expect(reply.lines[0]).toContain(sentence);
    expect(caretOf(reply)).toBe(column);
    expect(performed).toEqual([]);
  });

  it('prints what xl prints, once, and says the rest beside it', () => {
    const created = say('xl create alice.cfg');
    expect(created.lines).toEqual([]);
    expect(created.printed?.at(-1)).toMatchObject({ aside: true, text: expect.stringContaining('asid: 2') });
    const { printed = [], lines } = say('xl list');
    expect(printed.map(({ text }) => text.split(' ')[0])).toEqual(['Name', 'Domain-0', 'alice']);
    expect(printed.every(({ aside }) => !aside)).toBe(true);
    expect(lines).toEqual([]);
  });

  it('says what upstream xl keeps silent about as an aside', () => {
    bench = new Bench({ xen: 'upstream' });
    const { printed = [] } = say('xl create alice.cfg');
    expect(printed.some(({ text, aside }) => aside && text.includes('coco'))).toBe(true);
  });

  it('shows the error of a configuration with its line and column', () => {
    say('dom0.file name=bad.cfg text="name = oops"');
    const reply = say('xl create bad.cfg');
    expect(reply.tone).toBe('fault');
    expect(reply.lines[0]).toMatch(/bad\.cfg:1:8/);
  });
});

describe('asp, typed', () => {
  it.each([
    ['asp status', { type: 'asp.command', command: 'PLATFORM_STATUS' }],
    [
      'asp LAUNCH_MEASURE HANDLE=1  MEASURE_LEN=48',
      { type: 'asp.command', command: 'LAUNCH_MEASURE', fields: 'HANDLE=1 MEASURE_LEN=48' },
    ],
    [
      'asp guest_status HANDLE=1 buffer=0x9000 c=no',
      { type: 'asp.command', command: 'GUEST_STATUS', fields: 'HANDLE=1', buffer: 0x9000, c: false },
    ],
    ['asp hang', { type: 'asp.hang' }],
    ['asp write CmdResp 0x10000', { type: 'asp.mailbox', register: 'CmdResp', value: 0x10000 }],
  ])('%s', (line, action) => {
    say(line);
    expect(performed).toEqual([action]);
  });

  it.each([
    ['asp FLY', 4, 'no command FLY'],
    ['asp ACTIVATE HANDLE=1 SEAT=2', 22, 'no field SEAT'],
    ['asp ACTIVATE  HANDLE=x', 14, 'not a number'],
    ['asp write CmdResp', 17, 'asp write REGISTER VALUE'],
    ['asp status now', 11, 'nothing more'],
  ])('refuses %s where it goes wrong', (line, column, sentence) => {
    const reply = say(line);
    expect(reply.lines[0]).toContain(sentence);
    expect(caretOf(reply)).toBe(column);
  });

  it('shows the answer field by field', () => {
    const { lines } = say('asp status');
    expect(lines.some((line) => /API_MAJOR: \d/.test(line))).toBe(true);
  });
});

describe('completion', () => {
  it('offers subcommands, files, settings and guests', () => {
    expect(offered('x')).toContain('xl');
    expect(offered('xl cr')).toEqual(['create']);
    expect(offered('xl create ')).toEqual(expect.arrayContaining(['alice.cfg', '-p']));
    expect(offered('xl create alice.cfg me')).toEqual(['memory=']);
    expect(offered('xl destroy ')).toEqual([]);
    say('xl create alice.cfg');
    expect(offered('xl destroy ')).toEqual(['alice']);
    expect(offered('xl.create ')).toContain('bob.cfg');
  });

  it('offers the firmware’s commands and their fields', () => {
    expect(offered('asp LAUNCH_ST')).toEqual(['LAUNCH_START']);
    expect(offered('asp ACTIVATE HANDLE=1 ')).toEqual(['ASID=']);
    expect(offered('asp write ')).toContain('CmdResp');
  });

  it('knows every verb that help lists', () => {
    const { lines } = say('help');
    expect(lines.some((line) => line.startsWith('xl create'))).toBe(true);
    expect(say('help xl').tone).toBe('plain');
    expect(say('help asp').lines.length).toBeGreaterThan(3);
  });
});
