import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import asids from '../../engine/xen/vectors/asids.json';
import xl from '../../engine/xen/vectors/xl.json';
import { asidRanges } from './asid-ranges';
import { asidTraces } from './asid-traces';
import type { CaseResult } from './result';
import { xlSamples } from './xl-samples';

const FORMATS = [xlSamples, asidTraces, asidRanges];

const run = (json: unknown): CaseResult[] =>
  FORMATS.filter((format) => format.recognises(json)).flatMap((format) => format.run(json));

const failures = (json: unknown): CaseResult[] => run(json).filter(({ mismatches }) => mismatches.length > 0);

it('all configurations, traces and ranges pass', () => {
  expect(failures(xl)).toEqual([]);
  expect(run(xl)).toHaveLength(27);
  expect(failures(asids)).toEqual([]);
  expect(run(asids)).toHaveLength(14);
});

const original = fileURLToPath(new URL('../../../../shared/vectors/xen.json', import.meta.url));
it.skipIf(!existsSync(original))(
  'the original xen.json passes (skipped where the shared vectors are absent)',
  () => {
    const json: unknown = JSON.parse(readFileSync(original, 'utf8'));
    expect(failures(json)).toEqual([]);
    expect(run(json)).toHaveLength(41);
  },
);

/** Every path to a leaf of `value`, except reasons and notes, which are for people. */
function* leaves(value: unknown, path: readonly string[] = []): Generator<readonly string[]> {
  if (typeof value !== 'object' || value === null) yield path;
  else
    for (const [key, part] of Object.entries(value))
      if (!['why', 'note', 'source', 'status', 'id'].includes(key)) yield* leaves(part, [...path, key]);
}

function altered(json: unknown, path: readonly string[]): unknown {
  const copy: unknown = structuredClone(json);
  const parent = path.slice(0, -1).reduce((node, key) => (node as never)[key], copy) as Record<
    string,
    unknown
  >;
  const last = path.at(-1) ?? '';
  const old = parent[last];
  parent[last] = typeof old === 'number' ? old + 1 : typeof old === 'boolean' ? !old : `${old}x`;
  return copy;
}

describe('one wrong value fails its case, and only that', () => {
  it.each(xl.xlCfg.samples.map((sample) => [sample.id, sample] as const))('%s', (_, sample) => {
    for (const path of leaves(sample.expect, ['expect'])) {
      const json = { xlCfg: { samples: [altered(sample, path)] } };
      expect([path, failures(json).length]).toEqual([path, 1]);
    }
  });
  it.each(asids.asidTraces.map((trace) => [trace.id, trace] as const))('%s', (_, trace) => {
    for (const [i, step] of trace.steps.entries()) {
      const paths = [...leaves(step.expect, ['expect']), ...leaves(step.stateAfter, ['stateAfter'])];
      for (const path of paths) {
        const json = { asidTraces: [altered(trace, ['steps', String(i), ...path])] };
        expect([path, failures(json).length]).toEqual([path, 1]);
      }
    }
  });
  it.each(asids.asidRanges.map((row, i) => [i, row] as const))('range %i', (_, row) => {
    for (const table of ['firmware', 'xenRfcWithReservedAsid1', 'kvm'] as const) {
      for (const path of leaves(row[table], [table])) {
        expect(failures({ asidRanges: [altered(row, path)] })).toHaveLength(1);
      }
    }
  });
});

describe('a case that cannot be run fails with the reason', () => {
  const [trace] = asids.asidTraces;
  it.each<[string, unknown, RegExp]>([
    [
      'an unknown event',
      { asidTraces: [{ ...trace, steps: [{ event: 'dream', args: {}, expect: {} }] }] },
      /dream/,
    ],
    [
      'a nameless vCPU',
      altered({ asidTraces: [trace] }, ['asidTraces', '0', 'steps', '0', 'args', 'vcpu']),
      /d1v0/,
    ],
    [
      'an unknown CPU',
      altered({ asidTraces: [trace] }, ['asidTraces', '0', 'steps', '0', 'args', 'pcpu']),
      /no CPU/,
    ],
    ['an unknown dialect', altered(xl, ['xlCfg', 'samples', '0', 'dialect']), /dialect/],
    ['no numbers', altered(asids, ['asidRanges', '0', 'fn8000_000A_EBX']), /^/],
  ])('%s', (_, json, reason) => {
    const [failure] = failures(json);
    expect(failure?.mismatches.map(({ got }) => got).join()).toMatch(reason);
  });
  it('no matter what stands where something is expected', () => {
    for (const junk of [null, 7, 'x', {}, [null], [[]], [{}]]) {
      const json = { xlCfg: { samples: junk }, asidTraces: junk, asidRanges: junk };
      expect(() => run(json)).not.toThrow();
      const inside = {
        asidTraces: [
          { ...trace, steps: junk },
          { ...trace, params: junk },
        ],
      };
      expect(failures(inside)).toHaveLength(2);
    }
  });
});
