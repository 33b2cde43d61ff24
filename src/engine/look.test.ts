import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Action } from './actions';
import { GUEST_BASE, PAGE_SIZE } from './core/address';
import { toHex } from './core/bytes';
import type { Outcome } from './core/fault';
import type { Json } from './core/json';
import type { Eye, Look } from './core/look';
import { pageStructure } from './core/page';
import { look, lookIfMapped } from './look';
import { actionFrom, BLOBS, config, plays } from './testing/arbitrary';
import { Bench } from './testing/bench';
import { createGuest } from './testing/guests';

const RUNS = Number(process.env.FUZZ_RUNS ?? 15);
const SEED = Number(process.env.FUZZ_SEED ?? 20_260);

/** An eye, and the access that should find what it sees. */
interface Sight {
  readonly eye: Eye;
  readonly action: (at: number, length: number) => Action;
}

const host = (c: 'mapped' | 0 | 1): Sight => ({
  eye: { eye: 'host', c },
  action: (at, length) => ({ type: 'host.read', at, length, c: String(c) }),
});
const guest = (name: string): Sight => ({
  eye: { eye: 'guest', guest: name, space: 'gva' },
  action: (at, length) => ({ type: 'guest.read', guest: name, at, length }),
});
const SIGHTS: readonly Sight[] = [
  host('mapped'),
  host(0),
  host(1),
  guest('alice'),
  guest('bob'),
  guest('alice'),
  { eye: { eye: 'device' }, action: (at, length) => ({ type: 'device.read', at, length }) },
  { eye: { eye: 'dram' }, action: (at, length) => ({ type: 'probe.read', at, length }) },
];

const told = (outcome: Outcome<Json>): string =>
  outcome.ok
    ? String((outcome.value as { hex: string }).hex)
    : `${outcome.fault.name} ${outcome.fault.rule.id}`;
const seen = (found: Look): string =>
  found.ok ? toHex(found.bytes) : `${found.fault.name} ${found.fault.rule.id}`;

/** Entering or leaving a guest writes VMCBs, which may push a line out: such an access changes what it reads. */
const roomy = (bench: Bench): boolean =>
  bench.state.caches.every((cache) => cache.size < bench.machine.config.cacheLines - 80);

describe('a look', () => {
  it('changes nothing, and sees what the access then gets', () => {
    const sight = fc.tuple(
      fc.constantFrom(...SIGHTS),
      actionFrom(['guest.read', 'host.read', 'device.read']),
      fc.integer({ min: 1, max: 200 }),
    );
    fc.assert(
      fc.property(
        config,
        plays(),
        fc.array(sight, { minLength: 3, maxLength: 12 }),
        (part, actions, sights) => {
          const bench = new Bench({ ...part, cacheLines: 1024 });
          bench.blobs.set(BLOBS.small, new Uint8Array(9000).fill(3));
          for (const name of ['alice', 'bob']) bench.done(createGuest(name));
          for (const action of actions) bench.perform(action);
          for (const [{ eye, action }, { at }, length] of sights) {
            if (!roomy(bench)) return;
            const place = Number(at);
            const before = bench.changes.length;
            const found = look(bench.machine, eye, place, length);
            expect(bench.changes.length).toBe(before);
            const structure = bench.changes.length;
            const outcome = bench.perform(action(place, length));
            if (touchesTables(bench, structure)) continue;
            expect(seen(found), JSON.stringify({ eye, place, length })).toBe(told(outcome));
          }
        },
      ),
      { numRuns: RUNS, seed: SEED },
    );
  });
});

/** Whether an access read from a structure of the hypervisor, which entering a guest may have changed just before. */
const touchesTables = (bench: Bench, from: number): boolean =>
  bench.changes.slice(from).some((change) => {
    if (change.store !== 'fact' || change.what !== 'saw') return false;
    return pageStructure(bench.state.pages.get(Math.floor(Number(change.data.spa) / PAGE_SIZE)));
  });

describe('an eye on frames', () => {
  const start = () => {
    const bench = new Bench({ memory: 2 ** 22 });
    for (const name of ['alice', 'bob']) bench.done(createGuest(name));
    const { at } = bench.done({ type: 'guest.write', guest: 'alice', data: 'for my eyes only' });
    return { bench, at: Number(at), spa: bench.spaOf('alice', Number(at)) };
  };
  const frames = (name: string): Eye => ({ eye: 'guest', guest: name, space: 'spa' });

  it('shows a guest its own by address of any space', () => {
    const { bench, at, spa } = start();
    const places = { gva: at, gpa: at - GUEST_BASE, spa } as const;
    for (const space of ['gva', 'gpa', 'spa'] as const) {
      const bytes = bench.seen({ eye: 'guest', guest: 'alice', space }, places[space], 16);
      expect(new TextDecoder().decode(bytes)).toBe('for my eyes only');
    }
  });

  it('shows no other’s, and only noise if the hypervisor mapped it in', () => {
    const { bench, spa } = start();
    expect(look(bench.machine, frames('bob'), spa, 16)).toMatchObject({
      ok: false,
      fault: { rule: { id: 'guest.not-mine' } },
    });
    const mapped = lookIfMapped(bench.machine, 'bob', spa, 16);
    expect(mapped.ok && new TextDecoder().decode(mapped.bytes)).not.toBe('for my eyes only');
  });

  it('does not show a frame behind the guest’s back: remapped away, it is no longer there', () => {
    const { bench, at, spa } = start();
    bench.done({ type: 'host.remap', guest: 'alice', gpa: at - GUEST_BASE, to: spa + PAGE_SIZE });
    expect(look(bench.machine, frames('alice'), spa, 16).ok).toBe(false);
  });

  it('enters as VMRUN would: refused where it is refused, with the translations that would be left', () => {
    const { bench, at, spa } = start();
    bench.done({ type: 'guest.read', guest: 'alice', at });
    bench.done({
      type: 'host.remap',
      guest: 'alice',
      gpa: at - GUEST_BASE,
      to: spa + PAGE_SIZE,
      flush: false,
    });
    bench.done({ type: 'host.vmexit', core: 1 });
    const eye: Eye = { eye: 'guest', guest: 'alice', space: 'gva' };
    expect(new TextDecoder().decode(bench.seen(eye, at, 16))).toBe('for my eyes only');
    bench.done({ type: 'host.vmcb', guest: 'alice', field: 'tlbControl', value: 3 });
    expect(new TextDecoder().decode(bench.seen(eye, at, 16))).not.toBe('for my eyes only');
    bench.done({ type: 'machine.cpuid', ecx: 509, edx: 300 });
    expect(look(bench.machine, eye, at, 16)).toMatchObject({
      ok: false,
      fault: { rule: { id: 'vmrun.sev-asid-floor' } },
    });
  });

  it.each(['off', 'sev', 'sev-es'] as const)(
    'finds a guest that runs on another core as its exit from there will leave it (%s)',
    (technology) => {
      const bench = new Bench({ technology, writeBack: 'late', memory: 2 ** 22 });
      bench.done(createGuest('alice'));
      const { at } = bench.done({ type: 'guest.write', guest: 'alice', data: 'for my eyes only' });
      const home = bench.domain('alice').core;
      bench.done({ type: 'guest.paging', guest: 'alice', on: false });
      bench.done({ type: 'cpu.wbinvd', core: home });
      bench.done({ type: 'guest.paging', guest: 'alice', on: true });
      bench.done({ type: 'host.vmrun', guest: 'alice', core: home === 1 ? 2 : 0 });
      bench.done({ type: 'cpu.invd', core: home });
      const found = look(bench.machine, { eye: 'guest', guest: 'alice', space: 'gva' }, Number(at), 16);
      const { hex } = bench.done({ type: 'guest.read', guest: 'alice', at: Number(at), length: 16 });
      expect(seen(found)).toBe(hex);
    },
  );

  it('sees nothing without power, but for the stick', () => {
    const { bench, spa } = start();
    const ciphertext = bench.dram(spa, 16);
    bench.done({ type: 'power.off' });
    for (const { eye } of SIGHTS.slice(0, 7))
      expect(look(bench.machine, eye, spa, 16)).toMatchObject({
        ok: false,
        fault: { rule: { id: 'physical.off' } },
      });
    expect(bench.seen({ eye: 'dram' }, spa, 16)).toEqual(ciphertext);
  });
});
