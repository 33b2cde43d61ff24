import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Action, actionSchema } from './actions';
import { completeConfig, type PartialConfig } from './config';
import { State } from './core/state';
import { actionFrom, BLOBS, config, plays } from './testing/arbitrary';
import { Bench, dump } from './testing/bench';
import { createGuest } from './testing/guests';
import { broken } from './testing/invariants';

const RUNS = Number(process.env.FUZZ_RUNS ?? 12);
const SEED = Number(process.env.FUZZ_SEED ?? 20_260);
const settings = { numRuns: RUNS, seed: SEED };

/** Commands that take a guest, or its ASID, from the firmware’s books. Rung by hand, Xen does not learn of them. */
const TAKING = new Set(['SHUTDOWN', 'DEACTIVATE', 'DECOMMISSION', 'SNP_DECOMMISSION', 'SNP_SHUTDOWN_EX']);

const FIRST: Action[] = ['alice', 'bob'].map((guest) => createGuest(guest));

function started(part: PartialConfig): Bench {
  const bench = new Bench(part);
  bench.blobs.set(
    BLOBS.small,
    Uint8Array.from({ length: 10_000 }, (_, i) => i % 251),
  );
  bench.blobs.set(BLOBS.empty, new Uint8Array(0));
  return bench;
}

function played(part: PartialConfig, actions: readonly Action[]): Bench {
  const bench = started(part);
  for (const action of [...FIRST, ...actions]) bench.perform(action);
  return bench;
}

function freshState(part: PartialConfig): State {
  const { sockets, complexes, cores, threads } = completeConfig(part).topology;
  return new State(sockets * complexes, sockets * complexes * cores * threads);
}

describe('any sequence of actions', () => {
  it('passes its schema, throws nothing, and leaves the machine sound', () => {
    fc.assert(
      fc.property(config, plays(), (part, actions) => {
        const bench = started(part);
        const past = { controller: false, driver: false };
        for (const action of [...FIRST, ...actions]) {
          expect(actionSchema.safeParse(action).success, JSON.stringify(action)).toBe(true);
          bench.perform(action);
          past.controller ||= action.type === 'probe.write';
          past.driver ||= action.type === 'asp.command' && TAKING.has(String(action.command));
          expect([...broken(bench.machine, past)].slice(0, 3), JSON.stringify(action)).toEqual([]);
        }
      }),
      settings,
    );
  });

  it('is the sum of its changes, comes back to nothing, and gives the same changes again', () => {
    fc.assert(
      fc.property(config, plays(), (part, actions) => {
        const bench = played(part, actions);
        const rebuilt = freshState(part);
        for (const change of bench.changes) rebuilt.apply(change);
        expect(isDeepStrictEqual(dump(rebuilt), dump(bench.state))).toBe(true);
        for (const change of bench.changes.toReversed()) rebuilt.revert(change);
        expect(isDeepStrictEqual(dump(rebuilt), dump(freshState(part)))).toBe(true);
        const again = played(part, actions);
        expect(isDeepStrictEqual(again.changes, bench.changes)).toBe(true);
        expect(isDeepStrictEqual(again.spans, bench.spans)).toBe(true);
      }),
      settings,
    );
  });

  it('goes on after undo and redo, and after what was undone, as if nothing had happened', () => {
    const some = fc.array(actionFrom(), { maxLength: 10, size: 'max' });
    fc.assert(
      fc.property(config, plays(), some, some, (part, actions, undone, more) => {
        const [straight, walked] = [played(part, actions), played(part, actions)];
        const done = walked.changes.length;
        for (const action of undone) walked.perform(action);
        for (const change of walked.changes.toReversed()) walked.state.revert(change);
        walked.changes.length = done;
        for (const change of walked.changes) walked.state.apply(change);
        for (const action of more) for (const bench of [straight, walked]) bench.perform(action);
        expect(isDeepStrictEqual(walked.changes, straight.changes)).toBe(true);
      }),
      settings,
    );
  });

  it('records plain data', () => {
    fc.assert(
      fc.property(config, plays(), (part, actions) => {
        const bench = played(part, actions);
        const facts = bench.changes.flatMap((change) => (change.store === 'fact' ? [change.data] : []));
        for (const value of [...facts, ...bench.spans])
          expect(JSON.parse(JSON.stringify(value))).toEqual(value);
      }),
      { ...settings, numRuns: Math.ceil(RUNS / 4) },
    );
  });
});
