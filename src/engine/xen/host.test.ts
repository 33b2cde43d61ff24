import { describe, expect, it } from 'vitest';
import type { PartialConfig } from '../config';
import { GENERATIONS } from '../core/config';
import { HOST_KEY, NO_KEY } from '../core/key';
import { pageKey } from '../core/page';
import { asData, Bench, blocks } from '../testing/bench';
import { createGuest } from '../testing/guests';

const TEXT = blocks('minutes of the board meeting, confidential');
const AT = 2 ** 21;

const host = (part: PartialConfig = {}) => new Bench({ technology: 'sme', memory: 2 ** 22, ...part });
const write = (at: number, c = 'mapped') => ({ type: 'host.write', at, data: asData(TEXT), c });
const text = (bench: Bench, at: number, c = 'mapped') =>
  bench.done({ type: 'host.read', at, length: TEXT.length, c }).hex === asData(TEXT).slice(4);

describe('the SME policy', () => {
  it.each([
    ['full', HOST_KEY],
    ['partial', NO_KEY],
    ['none', NO_KEY],
  ] as const)('%s: the hypervisor’s own writes go under selector %i', (sme, key) => {
    const bench = host({ sme });
    bench.done(write(AT));
    expect(bench.keysOf(AT, TEXT)).toEqual([key]);
  });

  it('full: a guest without SEV is encrypted below its feet, tables and all', () => {
    const bench = host({ sme: 'full' });
    bench.done(createGuest('bob'));
    const { at } = bench.done({ type: 'guest.write', guest: 'bob', data: asData(TEXT) });
    expect(bench.keysOf(bench.spaOf('bob', Number(at)), TEXT)).toEqual([HOST_KEY]);
    expect(bench.state.need('core', 1)).toMatchObject({ nestedCr3C: true, sev: false });
  });

  it('partial: one page more, after the flip and a new write', () => {
    const bench = host({ sme: 'partial' });
    bench.done(write(AT));
    bench.done({ type: 'host.set-c', at: AT, c: true });
    expect(bench.dram(AT, TEXT.length)).toEqual(TEXT);
    expect(text(bench, AT)).toBe(false);
    bench.done(write(AT));
    bench.done(write(AT + 4096));
    expect(bench.keysOf(AT, TEXT)).toEqual([HOST_KEY]);
    expect(bench.keysOf(AT + 4096, TEXT)).toEqual([NO_KEY]);
  });

  it.each([true, false])('TSME %s: what carries no C is encrypted all the same', (tsme) => {
    const bench = host({ technology: 'off', tsme });
    bench.done(write(AT));
    expect(text(bench, AT)).toBe(true);
    expect(bench.dram(AT, TEXT.length)).toEqual(
      tsme ? bench.machine.cipher(HOST_KEY)?.encrypt(AT, TEXT) : TEXT,
    );
  });

  it.each([
    [true, 2],
    [false, 1],
  ])('TSME %s: the page is known to hold what key %i of its record says', (tsme, key) => {
    const bench = host({ technology: 'off', tsme });
    bench.done(write(AT));
    expect(pageKey(bench.state.pages.get(AT / 4096))).toBe(key);
  });

  it('reads ciphertext with C = 0, and something else again with the wrong key', () => {
    const bench = host({ technology: 'sev', sme: 'none' });
    bench.done(createGuest('alice'));
    const { at } = bench.done({ type: 'guest.write', guest: 'alice', data: asData(TEXT) });
    const spa = bench.spaOf('alice', Number(at));
    const [withC0, withC1] = [
      bench.seen({ eye: 'host', c: 0 }, spa, 16),
      bench.seen({ eye: 'host', c: 1 }, spa, 16),
    ];
    expect(withC0).toEqual(bench.dram(spa, 16));
    expect(withC1).toEqual(bench.machine.cipher(HOST_KEY)?.decrypt(spa, bench.dram(spa, 16)));
  });
});

describe.each(GENERATIONS)('in place, on %s', (generation) => {
  it.each(['soon', 'late'] as const)(
    'encrypts and decrypts pages without losing a byte, write-back %s',
    (writeBack) => {
      const bench = host({ generation, sme: 'partial', writeBack });
      const places = [AT, AT + 4096 + 1024, AT + 2 * 4096 + 64];
      for (const at of places) bench.done(write(at));
      bench.done({ type: 'host.encrypt', at: AT + 5, pages: 3 });
      for (const core of [0, 2]) bench.done({ type: 'cpu.wbinvd', core });
      for (const at of places) expect([bench.keysOf(at, TEXT), text(bench, at)]).toEqual([[HOST_KEY], true]);
      bench.done({ type: 'host.encrypt', at: AT, pages: 3, to: 'plain' });
      for (const core of [0, 2]) bench.done({ type: 'cpu.wbinvd', core });
      for (const at of places) expect([bench.keysOf(at, TEXT), text(bench, at)]).toEqual([[NO_KEY], true]);
    },
  );
});

describe('a C-bit of the host', () => {
  it('is no bit of MMIO, of the secure processor’s memory, or of nothing', () => {
    const bench = host({ sme: 'partial' });
    const at = [2 ** 30, 2 ** 22 - 4096, 2 ** 40, 2 ** 44, 2 ** 52 - 1];
    expect(at.map((address) => bench.refused({ type: 'host.set-c', at: address, c: true }))).toEqual([
      'memory.mmio',
      'memory.firmware-region',
      'memory.unmapped',
      'memory.unmapped',
      'memory.unmapped',
    ]);
  });

  it('means nothing with encryption off', () => {
    const bench = host({ technology: 'off' });
    expect(bench.refused({ type: 'host.set-c', at: AT, c: true })).toBe('sme.off');
  });

  it('splits a large page and leaves its neighbours as they were', () => {
    const bench = host({ sme: 'partial', memory: 2 ** 33 });
    const at = 5 * 2 ** 30 + 7 * 4096;
    for (const each of [at - 4096, at, at + 4096]) bench.done(write(each));
    bench.done({ type: 'host.encrypt', at });
    expect([at - 4096, at, at + 4096].map((each) => bench.keysOf(each, TEXT))).toEqual([
      [NO_KEY],
      [HOST_KEY],
      [NO_KEY],
    ]);
    for (const each of [at - 4096, at, at + 4096]) expect(text(bench, each)).toBe(true);
  });
});

describe('addresses at the edge', () => {
  it.each([
    [2 ** 22 - 1, 'memory.firmware-region'],
    [2 ** 22, 'paging.not-present'],
    [2 ** 30, 'paging.not-present'],
    [2 ** 44, 'paging.not-present'],
    [2 ** 44 + AT, 'paging.not-present'],
    [2 ** 48 + AT, 'paging.canonical'],
    [2 ** 52 - 1, 'paging.canonical'],
  ])('nothing is read at %i', (at, rule) => {
    const bench = host({ sme: 'partial' });
    for (const c of ['mapped', '0', '1'])
      expect(bench.refused({ type: 'host.read', at, length: 1, c })).toBe(rule);
  });

  it('a run of bytes crosses pages and stops where memory does', () => {
    const bench = host();
    const end = 2 ** 22 - 2 ** 17;
    bench.done({ type: 'host.write', at: end - 4100, data: 'x'.repeat(4096) });
    expect(bench.done({ type: 'host.read', at: end - 4100, length: 4096 }).length).toBe(4096);
    expect(bench.refused({ type: 'host.read', at: end - 16, length: 17 })).toBe('memory.firmware-region');
  });

  it('a core that does not exist does nothing', () => {
    expect(host().refused({ type: 'host.read', at: AT, core: 4 })).toBe('cpu.no-core');
  });
});
