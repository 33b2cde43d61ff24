import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Action } from '../../actions';
import { completeConfig, type PartialConfig } from '../../config';
import { State } from '../../core/state';
import { plays } from '../../testing/arbitrary';
import { Bench, dump } from '../../testing/bench';
import { broken } from '../../testing/invariants';

const RUNS = Number(process.env.FUZZ_RUNS ?? 5);
const settings = { numRuns: RUNS, seed: Number(process.env.FUZZ_SEED ?? 20_260) };

/** What is done with programs, and what a hypervisor does around them. */
const TYPES = [
  'guest.program',
  'guest.continue',
  'guest.step',
  'guest.break',
  'guest.handler',
  'guest.start-ap',
  'guest.convert',
  'xen.intercept',
  'xen.set-register',
  'xen.lie',
  'xen.schedule',
  'host.vmexit',
  'host.vmrun',
  'host.write',
  'host.remap',
  'host.watch',
  'host.step',
  'host.compare-traces',
  'cpu.stack-engine',
  'xl.unpause',
];

const FIRST: Action[] = [
  { type: 'xl.create', config: 'alice.cfg', extra: 'memory=1 vcpus=3 sev_policy=5' },
  { type: 'xl.create', config: 'bob.cfg', extra: 'memory=1 vcpus=2' },
  { type: 'guest.program', guest: 'alice', text: 'cpuid\nhlt\nrdtscp\nvmmcall\nhlt' },
  { type: 'guest.program', guest: 'bob', text: 'cpuid\nhlt\nrdtscp\nvmmcall\nhlt' },
];

const machine: fc.Arbitrary<PartialConfig> = fc.record({
  technology: fc.constant('sev-es'),
  generation: fc.constantFrom('rome', 'milan', 'genoa', 'turin'),
  sme: fc.constantFrom('none', 'full'),
  writeBack: fc.constantFrom('soon', 'late'),
  cacheLines: fc.constantFrom(8, 64),
  topology: fc.constantFrom(
    { sockets: 1, complexes: 2, cores: 2, threads: 1 },
    { sockets: 1, complexes: 2, cores: 1, threads: 2 },
  ),
});

describe('any play with programs', () => {
  it('leaves the machine sound, can be taken back, and gives the same changes again', () => {
    const ways = new Set<unknown>();
    fc.assert(
      fc.property(machine, plays(TYPES), (part, actions) => {
        const bench = new Bench(part);
        for (const action of [...FIRST, ...actions]) bench.perform(action);
        expect([...broken(bench.machine)].slice(0, 3)).toEqual([]);
        for (const span of bench.spans) ways.add((span as { name?: string }).name);
        const { sockets, complexes, cores, threads } = completeConfig(part).topology;
        const empty = () => new State(sockets * complexes, sockets * complexes * cores * threads);
        const rebuilt = empty();
        for (const change of bench.changes) rebuilt.apply(change);
        expect(isDeepStrictEqual(dump(rebuilt), dump(bench.state))).toBe(true);
        for (const change of bench.changes.toReversed()) rebuilt.revert(change);
        expect(isDeepStrictEqual(dump(rebuilt), dump(empty()))).toBe(true);
        const again = new Bench(part);
        for (const action of [...FIRST, ...actions]) again.perform(action);
        expect(isDeepStrictEqual(again.changes, bench.changes)).toBe(true);
      }),
      settings,
    );
    expect([...ways]).toEqual(expect.arrayContaining(['#VC', 'svm_vmexit_do_cpuid', 'svm_vmexit_do_hlt']));
  });
});
