import { describe, expect, it } from 'vitest';
import { pfn } from '../engine/core/address';
import type { Change } from '../engine/core/change';
import { State } from '../engine/core/state';
import { Journal } from './journal';
import { randomFrom } from './testing/toy';

const PAGES = 2 ** 20;

/** Other programs share the machine: seeks are measured in processor time, and a disturbed round is tried again. */
const options = { timeout: 60_000, retry: 2 };

/** Page changes over a 4 GiB machine, nine in ten within one page in a hundred; made beforehand, so only the journal counts. */
function changes(count: number): Change[] {
  const random = randomFrom(count);
  const page = () => pfn(random(random(10) === 0 ? PAGES : PAGES / 128));
  return Array.from({ length: count }, (_, n) => ({ store: 'page', pfn: page(), before: n, after: n + 1 }));
}

function record(made: readonly Change[]): { journal: Journal; microseconds: number } {
  const journal = new Journal();
  journal.beginAction();
  const start = performance.now();
  for (const change of made) journal.change(change);
  return { journal, microseconds: ((performance.now() - start) * 1000) / made.length };
}

const median = (values: number[]) => values.sort((a, b) => a - b)[Math.floor(values.length / 2)]!;

describe('journal, measured', () => {
  it('records a page change in 5 µs, as fast after a million as after a thousand', options, () => {
    const sizes = [1000, 10_000, 100_000, 1_000_000].map((size) => {
      const made = changes(size);
      return median(Array.from({ length: 7 }, () => record(made).microseconds));
    });
    console.log('µs a change at 10^3 … 10^6:', sizes.map((n) => n.toFixed(3)).join(' '));
    expect(Math.max(...sizes)).toBeLessThan(5);
  });

  it('goes anywhere in 100,000 page changes within a frame', options, () => {
    const { journal } = record(changes(100_000));
    const state = new State(1, 1);
    const random = randomFrom(1);
    let at = 0;
    const times = Array.from({ length: 200 }, () => {
      const target = random(100_001);
      const start = process.cpuUsage();
      while (at < target) journal.applyTo(state, at++);
      while (at > target) journal.revertFrom(state, --at);
      const { user, system } = process.cpuUsage(start);
      return (user + system) / 1000;
    }).sort((a, b) => a - b);
    console.log(
      `seek, processor ms: median ${times[100]!.toFixed(2)}, p95 ${times[190]!.toFixed(2)}, max ${times[199]!.toFixed(2)}`,
    );
    expect(times[190]).toBeLessThan(16);
  });
});
