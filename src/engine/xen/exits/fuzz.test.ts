import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { GUEST_BASE, PAGE_SIZE } from '../../core/address';
import { NAE_EVENTS } from '../../cpu/ghcb/events';
import { GHCB_FIELD_NAMES, GHCB_FIELDS, ghcbHeader, written } from '../../cpu/ghcb/layout';
import type { Bench } from '../../testing/bench';
import { broken } from '../../testing/invariants';
import { exchange, ghcbOf, leaving, run, withGuests } from '../../testing/programs';
import { LAPIC_BASE } from './apic';

const RUNS = Number(process.env.FUZZ_RUNS ?? 8);
const settings = { numRuns: RUNS, seed: Number(process.env.FUZZ_SEED ?? 20_260) };

const quad = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });
const edges = fc.constantFrom(0n, 1n, 2n, 8n, 2032n, 2n ** 16n, 2n ** 63n, 2n ** 64n - 1n);
const places = fc.constantFrom(0x30n, 0x80n, 0x300n, 0x310n, 0xffen).map((at) => BigInt(LAPIC_BASE) + at);
const near = fc.nat(0x1000).map((at) => 0x6000n + BigInt(at));
const port = fc.nat(0xff).map((bits) => 0xe9_0000n | BigInt(bits));
const value = fc.oneof(quad, edges, places, near, port);

/** Pages that say something: a header, events, fields that mean something and marks; now and then noise. */
const page = fc.noShrink(
  fc
    .record({
      noise: fc.constantFrom(0, 0, 0, 1, 64, PAGE_SIZE),
      bytes: fc.uint8Array({ minLength: PAGE_SIZE, maxLength: PAGE_SIZE }),
      version: fc.constantFrom(1, 1, 2, 2, 0, 3),
      code: fc.oneof(
        { weight: 9, arbitrary: fc.constantFrom(...NAE_EVENTS.map(({ code }) => BigInt(code))) },
        quad,
      ),
      values: fc.array(fc.tuple(fc.constantFrom(...GHCB_FIELD_NAMES), value), { maxLength: 8 }),
      marks: fc.oneof(
        { weight: 4, arbitrary: fc.constant(null) },
        fc.uint8Array({ minLength: 16, maxLength: 16 }),
      ),
    })
    .map(({ noise, bytes, version, code, values, marks }) => {
      const start = new Uint8Array(PAGE_SIZE);
      start.set(bytes.subarray(0, noise), noise === PAGE_SIZE ? 0 : bytes[0]);
      const view = new DataView(start.buffer);
      const all = [...values, ['swExitCode', code] as const];
      for (const [name, number] of all)
        if (GHCB_FIELDS[name].size === 8) view.setBigUint64(GHCB_FIELDS[name].offset, number, true);
      const set = marks ?? new Uint8Array(16).fill(0xff);
      return written(start, [
        { offset: 0x3f0, bytes: set },
        ...(noise === PAGE_SIZE ? [] : ghcbHeader(version)),
      ]);
    }),
);

/** Lets a guest go on that has asked for its end; false: it waits, and nobody wakes it. */
function goesOn(bench: Bench): boolean {
  if (bench.domain('alice').paused) bench.done({ type: 'xl.unpause', guest: 'alice' });
  return bench.state.cell('vcpus', 1)?.vcpus[0]?.state !== 'waits';
}

/** The bytes of Bob’s memory as they lie in DRAM. */
function bobsMemory(bench: Bench): string {
  const { frames } = bench.domain('bob');
  return JSON.stringify(
    frames.map(([first, count]) =>
      Array.from({ length: count }, (_, i) => bench.state.dram.pages.get(first + i)?.join() ?? null),
    ),
  );
}

describe('whatever a guest puts into its GHCB', () => {
  it('Xen answers or refuses, keeps its house in order, and harms nobody else', () => {
    fc.assert(
      fc.property(fc.array(page, { minLength: 1, maxLength: 6 }), (pages) => {
        const bench = withGuests(['alice', 'bob']);
        bench.done({ type: 'guest.write', guest: 'bob', data: 'what is Bob’s' });
        bench.done({ type: 'host.vmexit', core: bench.domain('bob').core });
        const before = bobsMemory(bench);
        for (const each of pages) {
          if (!goesOn(bench)) break;
          const { outcome } = exchange(bench, each);
          if (!outcome.ok) expect(outcome.fault.message).not.toBe('');
          expect([...broken(bench.machine)].slice(0, 3)).toEqual([]);
        }
        expect(bobsMemory(bench)).toBe(before);
      }),
      settings,
    );
  });

  it('the same for the MSR', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.oneof(
            quad,
            quad.map((bits) => bits & 0xfff_fff0_0000_01ffn),
          ),
          { maxLength: 8 },
        ),
        (all) => {
          const bench = withGuests(['alice']);
          for (const msr of all) {
            if (!goesOn(bench)) break;
            run(bench, 'alice', leaving(msr));
            expect([...broken(bench.machine)].slice(0, 3)).toEqual([]);
          }
        },
      ),
      settings,
    );
  });

  it('and whatever somebody else writes there before the guest comes back', () => {
    const place = fc.oneof(
      fc.nat(PAGE_SIZE - 1),
      fc.constantFrom(...GHCB_FIELD_NAMES).map((name) => GHCB_FIELDS[name].offset),
    );
    const writes = fc.array(fc.tuple(place, fc.uint8Array({ minLength: 1, maxLength: 16 })), {
      maxLength: 6,
    });
    fc.assert(
      fc.property(page, writes, (asked, meddled) => {
        const bench = withGuests(['alice']);
        const at = ghcbOf(bench, 'alice');
        const { outcome } = exchange(bench, asked);
        const spa = bench.spaOf('alice', at);
        for (const [offset, bytes] of meddled) {
          const data = `hex:${Buffer.from(bytes.subarray(0, PAGE_SIZE - offset)).toString('hex')}`;
          bench.done({ type: 'host.write', at: spa + offset, data, c: '0' });
        }
        if (!outcome.ok || !goesOn(bench)) return;
        const next = run(bench, 'alice', `${leaving(BigInt(at - GUEST_BASE))}\nxor eax, eax\ncpuid\nhlt`);
        if (!next.ok) expect(next.fault.message).not.toBe('');
      }),
      settings,
    );
  });
});
