import { describe, expect, it } from 'vitest';
import { LINE_SIZE, PAGE_SIZE } from '../core/address';
import type { CacheLine } from '../core/change';
import { asData, Bench, blocks } from '../testing/bench';
import { createGuest } from '../testing/guests';
import { CACHE_RULES } from './cache';
import { cachedRead, cachedWrite } from './fill';

const OLD = blocks('left by somebody');
const NEW = blocks('of the next owner');
const LAST = PAGE_SIZE - LINE_SIZE;
const MIDDLE = PAGE_SIZE / 2;

/** Lines of a page, in any complex. */
const linesOf = (bench: Bench, page: number): CacheLine[] =>
  bench.state.caches
    .flatMap((cache) => [...cache.values()])
    .filter(({ address }) => address >= page && address < page + PAGE_SIZE);

const whereBehind = (bench: Bench, page: number): number[] =>
  linesOf(bench, page)
    .filter(({ behind }) => behind)
    .map(({ address }) => address - page)
    .sort((a, b) => a - b);

const events = (bench: Bench, from: number): unknown[] =>
  bench.changes
    .slice(from)
    .flatMap((change) =>
      change.store === 'fact' && change.rule?.id === CACHE_RULES.behind.id ? [change.data.event] : [],
    );

describe('RMPUPDATE gives a page to a guest while lines of it are in the caches', () => {
  /** A free page of which Xen has a dirty line in each complex and a clean one; then it is Alice’s. */
  function given() {
    const bench = new Bench({
      technology: 'sev-snp',
      generation: 'milan',
      memory: 2 ** 24,
      writeBack: 'late',
    });
    bench.done({ type: 'xl.create', config: 'alice.cfg', extra: 'memory=1' });
    const page = (bench.state.need('xen').free[0]?.[0] ?? 0) * PAGE_SIZE;
    bench.done({ type: 'host.write', at: page + MIDDLE, data: asData(OLD), c: '0' });
    bench.done({ type: 'host.write', at: page + MIDDLE + LINE_SIZE, data: asData(OLD), c: '0', core: 2 });
    bench.done({ type: 'host.read', at: page + MIDDLE + 2 * LINE_SIZE, length: 16, c: '0' });
    const from = bench.changes.length;
    bench.done({ type: 'host.rmpupdate', at: page, assigned: true, guest: 'alice', gpa: 0x80_0000 });
    return { bench, page, from, key: bench.domain('alice').asid };
  }

  it('the dirty ones are left behind, in every complex; the clean one holds nothing that could come later', () => {
    const { bench, page, from } = given();
    expect(whereBehind(bench, page)).toEqual([MIDDLE, MIDDLE + LINE_SIZE]);
    expect(events(bench, from)).toEqual(['left behind', 'left behind']);
    expect(bench.dram(page + MIDDLE, 16)).toEqual(new Uint8Array(16));
  });

  it('Alice’s use of the same bytes does not find them, though hardware keeps views coherent', () => {
    const { bench, page, key } = given();
    cachedWrite(bench.machine, 0, page + MIDDLE, NEW, key, 0);
    cachedRead(bench.machine, 0, page + MIDDLE + LINE_SIZE, 16, key);
    expect(whereBehind(bench, page)).toEqual([MIDDLE, MIDDLE + LINE_SIZE]);
    expect(bench.dram(page + MIDDLE, 16)).toEqual(new Uint8Array(16));
  });

  it('and they are written over hers when they leave', () => {
    const { bench, page, key } = given();
    cachedWrite(bench.machine, 0, page + MIDDLE, NEW, key, 0);
    bench.done({ type: 'cpu.vmpage-flush', at: page, asid: key });
    expect(bench.keysOf(page + MIDDLE, NEW)).toEqual([key]);
    bench.done({ type: 'cpu.wbinvd', core: 0 });
    expect(bench.dram(page + MIDDLE, 16)).toEqual(OLD);
  });

  it.each([
    ['first', 0],
    ['last', LAST],
  ])('her use of the %s line has all of them written back before anything of hers is filled', (_, edge) => {
    const { bench, page, from, key } = given();
    cachedRead(bench.machine, 0, page + edge, 1, key);
    expect(whereBehind(bench, page)).toEqual([]);
    expect(events(bench, from).slice(2)).toEqual(['left line written back', 'left line written back']);
    for (const at of [MIDDLE, MIDDLE + LINE_SIZE]) expect(bench.dram(page + at, 16)).toEqual(OLD);
  });

  it('a line in the middle is no edge, and an edge of another page does nothing for this one', () => {
    const { bench, page, key } = given();
    for (const at of [LINE_SIZE, LAST - LINE_SIZE, -LINE_SIZE, PAGE_SIZE])
      cachedRead(bench.machine, 0, page + at, 1, key);
    expect(whereBehind(bench, page)).toEqual([MIDDLE, MIDDLE + LINE_SIZE]);
  });

  it('lines under the new owner’s own key, and those of a page that is taken back, are not left behind', () => {
    const { bench, page, key } = given();
    const own = page + PAGE_SIZE;
    cachedWrite(bench.machine, 0, own + MIDDLE, NEW, key, 0);
    bench.done({ type: 'host.rmpupdate', at: own, assigned: true, guest: 'alice', gpa: 0x80_1000 });
    expect(whereBehind(bench, own)).toEqual([]);
    bench.done({ type: 'host.rmpupdate', at: own, assigned: false });
    expect(whereBehind(bench, own)).toEqual([]);
    expect(whereBehind(bench, page)).toHaveLength(2);
  });

  it('so are a guest’s lines, when its page becomes another’s', () => {
    const { bench, page, key } = given();
    bench.done({ type: 'xl.create', config: 'bob.cfg', extra: 'memory=1 coco=0' });
    cachedRead(bench.machine, 0, page, 1, key);
    cachedWrite(bench.machine, 0, page + MIDDLE, NEW, key, 0);
    bench.done({ type: 'host.rmpupdate', at: page, assigned: false });
    expect(whereBehind(bench, page)).toEqual([]);
    bench.done({ type: 'host.rmpupdate', at: page, assigned: true, asid: key + 1, gpa: 0 });
    expect(linesOf(bench, page).filter(({ behind }) => behind)).toMatchObject([{ key, dirty: true }]);
  });
});

describe('the end of a guest with SEV, its last words still in a cache', () => {
  /** Alice has written and is destroyed on a processor that keeps views apart. */
  function ended(omit?: 'wbinvd' | 'df-flush') {
    const bench = new Bench({ technology: 'sev', generation: 'naples', memory: 2 ** 24, writeBack: 'late' });
    bench.done(createGuest('alice'));
    const { at } = bench.done({ type: 'guest.write', guest: 'alice', data: asData(OLD) });
    const spa = bench.spaOf('alice', Number(at));
    const key = bench.domain('alice').asid;
    const outcome = bench.perform({ type: 'xl.destroy', guest: 'alice', ...(omit && { omit }) });
    const left = bench.state.caches
      .flatMap((cache) => [...cache.values()])
      .filter((line) => line.key === key);
    return { bench, spa, key, outcome, left };
  }
  const flushAll = (bench: Bench): void => {
    for (const core of [0, 1, 2, 3]) bench.done({ type: 'cpu.wbinvd', core });
  };
  const dfFlush = (bench: Bench) => bench.perform({ type: 'asp.command', command: 'DF_FLUSH' });

  it('with all flushes nothing of it is left, and another guest may have its ASID', () => {
    const { bench, key, outcome, left } = ended();
    expect([outcome.ok, left]).toEqual([true, []]);
    bench.done(createGuest('carol'));
    expect(bench.domain('carol').asid).toBe(key);
  });

  it('without WBINVD its lines stay, dirty, in plain text under its ASID; the firmware knows it and admits nobody', () => {
    const { bench, spa, outcome, left } = ended('wbinvd');
    expect(outcome.ok).toBe(false);
    expect(left).toContainEqual(expect.objectContaining({ dirty: true, address: spa - (spa % LINE_SIZE) }));
    expect(dfFlush(bench)).toMatchObject({ ok: false, fault: { name: 'WBINVD_REQUIRED' } });
    expect(bench.perform(createGuest('carol'))).toMatchObject({
      ok: false,
      fault: { rule: { id: 'asp.asid-dirty' } },
    });
  });

  it('they reach the memory under the key that is still in its slot, and only then DF_FLUSH may have the ASID clean', () => {
    const { bench, spa, key } = ended('wbinvd');
    expect(bench.keysOf(spa, OLD)).toEqual([]);
    flushAll(bench);
    expect(bench.keysOf(spa, OLD)).toEqual([key]);
    expect(dfFlush(bench).ok).toBe(true);
    bench.done(createGuest('carol'));
    expect(bench.domain('carol').asid).toBe(key);
  });

  it('without DF_FLUSH no line is left, but the ASID stays dirty', () => {
    const { bench, left } = ended('df-flush');
    expect(left).toEqual([]);
    expect(bench.perform(createGuest('carol'))).toMatchObject({
      ok: false,
      fault: { name: 'DF_FLUSH_REQUIRED' },
    });
    expect(dfFlush(bench).ok).toBe(true);
    bench.done(createGuest('dave'));
  });

  it('RMPUPDATE alone leaves lines behind: there is no RMP here, and no line is marked so', () => {
    const { left } = ended('wbinvd');
    expect(left.length).toBeGreaterThan(0);
    expect(left.filter(({ behind }) => behind)).toEqual([]);
  });
});
