import { describe, expect, it, vi } from 'vitest';
import type { PerformedSummary } from '../engine/core/vocabulary';
import { newestActions } from './script';

const action = (index: number, title: string): PerformedSummary => ({
  index,
  action: { type: 'x' },
  actor: 'guest',
  who: 'alice',
  title,
  start: index * 10,
  end: index * 10 + 10,
  fault: null,
  result: null,
});

const list = (titles: string): PerformedSummary[] => [...titles].map((title, index) => action(index, title));
const machine = (titles: string) => vi.fn(async (from: number) => list(titles).slice(from));

describe('the list of performed actions', () => {
  it('asks only for what is new while the past stays', async () => {
    const fetch = machine('abcde');
    expect(await newestActions(list('abc'), 5, fetch)).toEqual(list('abcde'));
    expect(fetch.mock.calls).toEqual([[2]]);
  });

  it('forgets what a fork cut off', async () => {
    expect(await newestActions(list('abcdef'), 3, machine('abx'))).toEqual(list('abx'));
    expect(await newestActions(list('abcdef'), 2, machine('ab'))).toEqual(list('ab'));
  });

  it('starts anew with another session', async () => {
    expect(await newestActions(list('abc'), 4, machine('wxyz'))).toEqual(list('wxyz'));
    expect(await newestActions(list('abc'), 0, machine(''))).toEqual([]);
  });
});
