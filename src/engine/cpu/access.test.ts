import { describe, expect, it } from 'vitest';
import type { PartialConfig } from '../config';
import { bytesEqual } from '../core/bytes';
import { GENERATIONS } from '../core/config';
import { HOST_KEY, NO_KEY } from '../core/key';
import { asData, Bench, blocks } from '../testing/bench';
import { createGuest } from '../testing/guests';
import { readVmcb } from './vmcb';

/** The truth table of cpu-and-rmp.md C.3 (APM vol. 2 Tables 15-30, 15-31), by accesses whose bytes then lie in DRAM. */
const TEXT = blocks('balance=1000 EUR');
const FREE = 2 ** 20;

function withAlice(part: PartialConfig, sev = true): { bench: Bench; at: number; spa: number; asid: number } {
  const bench = new Bench(part);
  const { asid } = bench.done(createGuest('alice', 1, sev));
  const { at } = bench.done({ type: 'guest.write', guest: 'alice', data: 'first words on it' });
  return { bench, at: Number(at), spa: bench.spaOf('alice', Number(at)), asid: Number(asid) };
}

const write = (at: number) => ({ type: 'guest.write', guest: 'alice', at, data: asData(TEXT) });
const nestedC = (at: number, c: boolean) => ({ type: 'host.nested-c', guest: 'alice', gpa: at % 2 ** 20, c });

describe.each(GENERATIONS)('on %s', (generation) => {
  it.each([
    ['0', NO_KEY],
    ['1', HOST_KEY],
  ] as const)('the host writes with C = %s under selector %i', (c, key) => {
    const bench = new Bench({ generation, technology: 'sme' });
    bench.done({ type: 'host.write', at: FREE, data: asData(TEXT), c });
    expect(bench.keysOf(FREE, TEXT)).toEqual([key]);
    expect(bench.done({ type: 'host.read', at: FREE, length: TEXT.length, c }).text).toBe('balance=1000 EUR');
  });

  it.each([
    [false, NO_KEY],
    [true, HOST_KEY],
  ])('a guest without SEV writes with nested C = %s under selector %i', (c, key) => {
    const { bench, at, spa } = withAlice({ generation }, false);
    bench.done(nestedC(at, c));
    bench.done(write(at));
    expect(bench.keysOf(spa, TEXT)).toEqual([key]);
  });

  it.each([
    [true, false, 'guest'],
    [true, true, 'guest'],
    [false, false, NO_KEY],
    [false, true, HOST_KEY],
  ] as const)('a guest with SEV writes data with C = %s and nested C = %s under %s', (c, nested, key) => {
    const { bench, at, spa, asid } = withAlice({ generation });
    bench.done(nestedC(at, nested));
    bench.perform({ type: 'guest.set-c', guest: 'alice', at, c });
    bench.done(write(at));
    expect(bench.keysOf(spa, TEXT)).toEqual([key === 'guest' ? asid : key]);
  });

  it.each([false, true])('with paging off all data is private, nested C = %s', (nested) => {
    const { bench, at, spa, asid } = withAlice({ generation });
    bench.done(nestedC(at, nested));
    bench.perform({ type: 'guest.set-c', guest: 'alice', at, c: false });
    bench.perform({ type: 'guest.paging', guest: 'alice', on: false });
    bench.done(write(at % 2 ** 20));
    expect(bench.keysOf(spa, TEXT)).toEqual([asid]);
  });

  it.each([false, true])('a fetch is private whatever C and nested C = %s say', (nested) => {
    const { bench, at } = withAlice({ generation, writeBack: 'soon' });
    bench.done({ type: 'guest.code', guest: 'alice', at });
    bench.done(nestedC(at, nested));
    bench.perform({ type: 'guest.set-c', guest: 'alice', at, c: false });
    expect(bench.done({ type: 'guest.run', guest: 'alice', at }).eax).toBe(142);
  });

  it('code that was written shared is noise to a fetch', () => {
    const { bench, at } = withAlice({ generation });
    bench.perform({ type: 'guest.convert', guest: 'alice', at, to: 'shared' });
    bench.done({ type: 'guest.code', guest: 'alice', at });
    bench.perform({ type: 'cpu.wbinvd', core: 0 });
    expect(bench.refused({ type: 'guest.run', guest: 'alice', at })).toMatch(/^guest\./);
  });

  it('a page-table walk is private although the tables are mapped with C = 0', () => {
    const { bench, at } = withAlice({ generation });
    for (const page of bench.state.need('guest', 1).tablePages) {
      bench.perform({ type: 'guest.set-c', guest: 'alice', at: at - (at % 2 ** 20) + page * 4096, c: false });
      bench.perform({ type: 'cpu.tlb-flush', core: 1 });
      expect(bench.done({ type: 'guest.read', guest: 'alice', at, length: 5 }).text).toBe('first');
      bench.perform({ type: 'guest.set-c', guest: 'alice', at: at - (at % 2 ** 20) + page * 4096, c: true });
    }
  });

  it.each(['none', 'full'] as const)('nested tables and the VMCB are the host’s, SME %s', (sme) => {
    const { bench } = withAlice({ generation, sme });
    bench.perform({ type: 'host.vmexit', core: 1 });
    for (const core of [0, 2]) bench.perform({ type: 'cpu.wbinvd', core });
    const { nestedRoot, vmcbs, asid } = bench.domain('alice');
    const key = sme === 'full' ? HOST_KEY : NO_KEY;
    for (const address of [nestedRoot, ...vmcbs]) {
      const raw = bench.dram(address, 4096);
      expect(bench.keysOf(address, bench.machine.cipher(key)?.decrypt(address, raw) ?? raw)).toContain(key);
    }
    expect(readVmcb(bench.machine, 0, vmcbs[0] ?? 0, 'asid')).toBe(BigInt(asid));
  });

  it.each([false, true])('with encryption off nothing is encrypted, but for TSME (%s)', (tsme) => {
    const { bench, at, spa } = withAlice({ generation, technology: 'off', tsme }, false);
    bench.done(write(at));
    expect(bench.keysOf(spa, TEXT)).toEqual([NO_KEY, HOST_KEY]);
    expect(bytesEqual(bench.dram(spa, TEXT.length), TEXT)).toBe(!tsme);
  });

  it('TSME lies below the keys: the guest’s stays the guest’s, what has none gets the host’s', () => {
    const { bench, at, spa, asid } = withAlice({ generation, tsme: true });
    bench.done(write(at));
    expect(bench.keysOf(spa, TEXT)).toEqual([asid]);
    bench.perform({ type: 'guest.set-c', guest: 'alice', at, c: false });
    bench.done(write(at));
    expect(bench.keysOf(spa, TEXT)).toEqual([NO_KEY, HOST_KEY]);
    expect(bench.dram(spa, 16)).not.toEqual(TEXT);
  });
});

it('VTE forces C = 1 where the processor has it', () => {
  for (const [generation, key] of [
    ['milan', 'guest'],
    ['naples', NO_KEY],
  ] as const) {
    const { bench, at, spa, asid } = withAlice({ generation });
    bench.perform({ type: 'guest.set-c', guest: 'alice', at, c: false });
    bench.done({ type: 'host.vmcb', guest: 'alice', field: 'nestedControl', value: 0b100011 });
    bench.done(write(at));
    expect(bench.keysOf(spa, TEXT)).toEqual([key === 'guest' ? asid : key]);
  }
});
