import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Action } from '../actions';
import type { PartialConfig } from '../config';
import { GUEST_BASE, PAGE_SIZE } from '../core/address';
import { GENERATIONS } from '../core/config';
import type { Json } from '../core/json';
import { Confidentiality } from '../properties/confidentiality';
import { Integrity } from '../properties/integrity';
import { actionFrom } from '../testing/arbitrary';
import { Bench } from '../testing/bench';
import { createGuest } from '../testing/guests';
import { broken } from '../testing/invariants';

const RUNS = Number(process.env.FUZZ_RUNS ?? 15);
const settings = { numRuns: RUNS, seed: Number(process.env.FUZZ_SEED ?? 20_260) };

const config: fc.Arbitrary<PartialConfig> = fc.record({
  generation: fc.constantFrom(...GENERATIONS),
  sme: fc.constantFrom('full', 'none'),
  tsme: fc.boolean(),
  writeBack: fc.constantFrom('soon', 'late'),
  cacheLines: fc.constantFrom(16, 256),
});

const deed = (fields: Record<string, fc.Arbitrary<Json>>): fc.Arbitrary<Action> =>
  fc.record(fields).map((args) => args as Action);

const guest = fc.constantFrom('alice', 'bob');
/** Private pages behind the five PV pages and the bounce page. */
const at = fc.integer({ min: 16, max: 20 }).map((number) => GUEST_BASE + number * PAGE_SIZE);
const bytes = fc
  .uint8Array({ minLength: 16, maxLength: 200 })
  .map((data) => Buffer.from(data).toString('hex'));
const data = bytes.map((text) => `hex:${text}`);

/** A guest that means what it shares: it prints, asks, and moves its private data through the bounce page only. */
const honest: fc.Arbitrary<Action> = fc.oneof(
  deed({ type: fc.constant('guest.write'), guest, at, data }),
  deed({ type: fc.constant('guest.read'), guest, at }),
  deed({ type: fc.constant('pv.print'), guest, text: bytes.map((text) => text.slice(0, 250)) }),
  deed({ type: fc.constant('pv.xenstore'), guest, path: fc.constantFrom('name', 'memory/target', 'none') }),
  deed({
    type: fc.constant('pv.block'),
    guest,
    at,
    direction: fc.constantFrom('write', 'read'),
    via: fc.constant('bounce'),
    data,
  }),
);

/** Also grants private pages, which gives nothing away; and everybody looks at everything. */
const watched: fc.Arbitrary<Action> = fc.oneof(
  { weight: 4, arbitrary: honest },
  deed({ type: fc.constant('pv.grant'), guest, at }),
  deed({ type: fc.constant('pv.map'), guest, ref: fc.integer({ min: 9, max: 20 }) }),
  deed({
    type: fc.constantFrom('host.read', 'device.read', 'probe.read'),
    at: fc.nat(400).map((frame) => frame * PAGE_SIZE),
    length: fc.constantFrom(64, 4096),
  }),
  actionFrom(['cpu.wbinvd', 'cpu.clflush', 'host.vmexit']),
);

const many = (one: fc.Arbitrary<Action>) => fc.array(one, { minLength: 20, maxLength: 50, size: 'max' });

function started(part: PartialConfig, shared = true): Bench {
  const bench = new Bench({ memory: 2 ** 22, ...part });
  for (const name of ['alice', 'bob']) {
    bench.done(createGuest(name));
    bench.done({ type: 'pv.connect', guest: name, shared });
  }
  return bench;
}

it('PV drivers show nobody what a guest keeps to itself, and lose nothing of it', () => {
  fc.assert(
    fc.property(config, many(watched), (part, actions) => {
      const bench = started({ technology: 'sev', ...part });
      for (const action of actions) bench.perform(action);
      const [secrets, contents] = [new Confidentiality(), new Integrity()];
      for (const [index, change] of bench.changes.entries()) {
        secrets.fold(change, index);
        contents.fold(change, index);
      }
      expect([...secrets.violations, ...contents.violations]).toEqual([]);
    }),
    settings,
  );
});

it('whatever is done to their pages, the machine stays sound', () => {
  const hostile = actionFrom([
    ...['pv.connect', 'pv.print', 'pv.xenstore', 'pv.grant', 'pv.map', 'pv.block'],
    ...['guest.write', 'guest.convert', 'guest.set-c', 'guest.paging', 'guest.io'],
    ...['host.write', 'host.remap', 'host.nested-c', 'device.write', 'xl.pause', 'xl.unpause'],
  ]);
  fc.assert(
    fc.property(
      config,
      fc.constantFrom('off', 'sme', 'sev'),
      fc.boolean(),
      many(hostile),
      (part, technology, shared, actions) => {
        const bench = started({ ...part, technology }, shared);
        for (const action of actions) {
          bench.perform(action);
          expect([...broken(bench.machine)].slice(0, 3), JSON.stringify(action)).toEqual([]);
        }
      },
    ),
    settings,
  );
});

it('rings at random places, with random indices, never give more than they hold', () => {
  const index = fc.oneof(fc.nat(5000), fc.integer({ min: 2 ** 32 - 3000, max: 2 ** 32 - 1 }));
  fc.assert(
    fc.property(index, index, fc.nat(200), (cons, prod, length) => {
      const bench = started({ technology: 'sev' });
      const console = bench.state.need('guest', 1).objects.find(({ name }) => name === 'console ring');
      const page = console?.address ?? 0;
      const little = (value: number) => Buffer.from(Uint32Array.of(value).buffer).toString('hex');
      bench.done({
        type: 'guest.write',
        guest: 'alice',
        at: page + 0xc08,
        data: `hex:${little(cons)}${little(prod)}`,
      });
      const said = bench.perform({ type: 'pv.print', guest: 'alice', text: 'y'.repeat(length + 1) });
      const before = (prod - cons) >>> 0;
      expect(said.ok, `${before}`).toBe(before + length + 2 <= 2048);
      if (said.ok) expect(JSON.stringify(said.value)).toContain('y'.repeat(length + 1));
    }),
    settings,
  );
});
