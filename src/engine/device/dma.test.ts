import { describe, expect, it } from 'vitest';
import type { PartialConfig } from '../config';
import { GUEST_BASE } from '../core/address';
import { HOST_KEY, NO_KEY } from '../core/key';
import { asData, Bench, blocks } from '../testing/bench';
import { createGuest } from '../testing/guests';

const TEXT = blocks('a letter to the bank, two blocks long');
const LENGTH = TEXT.length;

function alice(part: PartialConfig = {}): { bench: Bench; at: number; spa: number } {
  const bench = new Bench({ memory: 2 ** 22, ...part });
  bench.done(createGuest('alice'));
  const at = Number(bench.done({ type: 'guest.write', guest: 'alice', data: asData(TEXT) }).at);
  return { bench, at, spa: bench.spaOf('alice', at) };
}

const hex = asData(TEXT).slice(4);
const own = (bench: Bench, at: number) =>
  bench.done({ type: 'guest.read', guest: 'alice', at, length: LENGTH }).hex;
const io = (direction: 'send' | 'receive', at: number, via: 'bounce' | 'direct') => ({
  type: 'guest.io',
  guest: 'alice',
  direction,
  at,
  via,
  length: LENGTH,
  data: asData(TEXT),
});

describe.each(['naples', 'milan', 'genoa'] as const)('DMA three ways on %s', (generation) => {
  it('a private page gives the device ciphertext, and what it writes is noise to the guest', () => {
    const { bench, at, spa } = alice({ generation });
    bench.done({ type: 'device.assign', guest: 'alice' });
    const read = bench.done({ type: 'device.read', at: at - GUEST_BASE, length: LENGTH });
    expect(read.hex).toBe(asData(bench.dram(spa, LENGTH)).slice(4));
    expect(read.hex).not.toBe(hex);
    bench.done({ type: 'device.write', at: at - GUEST_BASE, data: 'sixteen bytes...' });
    for (const core of [0, 2]) bench.perform({ type: 'cpu.wbinvd', core });
    const after = String(own(bench, at));
    expect(after.slice(0, 32)).not.toBe(hex.slice(0, 32));
    expect(after).not.toContain(asData(blocks('sixteen bytes...')).slice(4));
    expect(after.slice(32)).toBe(hex.slice(32));
  });

  it('a shared page gives it the bytes', () => {
    const { bench, at } = alice({ generation });
    bench.done({ type: 'guest.convert', guest: 'alice', at, to: 'shared' });
    bench.done({ type: 'device.assign', guest: 'alice' });
    expect(bench.done({ type: 'device.read', at: at - GUEST_BASE, length: LENGTH }).hex).toBe(hex);
  });

  it('through the bounce buffer they travel, and the private page stays private', () => {
    const { bench, at, spa } = alice({ generation });
    expect(bench.done(io('send', at, 'bounce')).hex).toBe(hex);
    const target = Number(bench.done({ type: 'guest.write', guest: 'alice', data: 'room' }).at);
    bench.done(io('receive', target, 'bounce'));
    expect(own(bench, target)).toBe(hex);
    for (const private_ of [spa, bench.spaOf('alice', target)])
      expect(bench.keysOf(private_, TEXT)).toEqual([2]);
    const [buffer] = bench.state.need('guest', 1).objects.filter(({ kind }) => kind === 'bounce');
    expect(bench.keysOf(bench.spaOf('alice', buffer?.address ?? 0), TEXT)).toEqual([NO_KEY]);
  });
});

describe('a bounce buffer', () => {
  it('is made once, and shared again if somebody took it back', () => {
    const { bench, at } = alice();
    bench.done(io('send', at, 'bounce'));
    const buffer = bench.state.need('guest', 1).objects.find(({ kind }) => kind === 'bounce')?.address ?? 0;
    bench.done({ type: 'guest.convert', guest: 'alice', at: buffer, to: 'private' });
    expect(bench.done(io('send', at, 'bounce')).hex).toBe(hex);
    expect(bench.state.need('guest', 1).objects.filter(({ kind }) => kind === 'bounce').length).toBe(1);
  });
});

describe('a device', () => {
  it('snoops dirty lines of its own domain', () => {
    const { bench, at } = alice({ writeBack: 'late' });
    bench.done({ type: 'guest.convert', guest: 'alice', at, to: 'shared' });
    bench.done({ type: 'guest.write', guest: 'alice', at, data: 'still in the cache' });
    bench.done({ type: 'device.assign', guest: 'alice' });
    expect(bench.done({ type: 'device.read', at: at - GUEST_BASE, length: 18 }).text).toBe(
      'still in the cache',
    );
    bench.done({ type: 'device.write', at: at - GUEST_BASE + 3, data: 'XY' });
    expect(bench.done({ type: 'guest.read', guest: 'alice', at, length: 18 }).text).toBe(
      'stiXY in the cache',
    );
  });

  it('uses the host key where the nested entry, or the address that it emits, carries C', () => {
    const { bench, at, spa } = alice();
    bench.done({ type: 'host.nested-c', guest: 'alice', gpa: at - GUEST_BASE, c: true });
    bench.done({ type: 'device.assign', guest: 'alice' });
    bench.done({ type: 'device.write', at: at - GUEST_BASE, data: asData(TEXT) });
    expect(bench.keysOf(spa, TEXT)).toEqual([HOST_KEY]);
    bench.done({ type: 'device.assign' });
    expect(bench.done({ type: 'device.read', at: 2 ** 51 + spa, length: LENGTH }).hex).toBe(hex);
    expect(bench.done({ type: 'device.read', at: spa, length: LENGTH }).hex).not.toBe(hex);
  });

  it.each([
    [null, 2 ** 47, 'memory.unmapped'],
    [null, 2 ** 30, 'memory.mmio'],
    [null, 2 ** 22 - 1, 'memory.firmware-region'],
    ['alice', 2 ** 20, 'device.iommu'],
    ['alice', 2 ** 51, 'device.iommu'],
    ['alice', 2 ** 52 - 1, 'device.iommu'],
  ])('given to %s it does not reach %i', (guest, at, rule) => {
    const { bench } = alice();
    bench.done({ type: 'device.assign', ...(guest && { guest }) });
    expect(bench.refused({ type: 'device.read', at })).toBe(rule);
  });

  it('comes back to the host when its guest is destroyed', () => {
    const { bench, spa } = alice();
    bench.done({ type: 'device.assign', guest: 'alice' });
    bench.done({ type: 'xl.destroy', guest: 'alice' });
    expect(bench.done({ type: 'device.read', at: spa }).length).toBe(64);
  });

  it('gets only addresses that the guest’s kernel has', () => {
    const { bench } = alice();
    for (const at of [0, GUEST_BASE - 1, GUEST_BASE + 2 ** 20, 2 ** 52 - 1]) {
      expect(bench.refused(io('send', at, 'direct'))).toBe('guest.dma-address');
    }
    expect(bench.refused(io('send', GUEST_BASE + 2 ** 20 - 1, 'direct'))).toBe('device.iommu');
  });
});
