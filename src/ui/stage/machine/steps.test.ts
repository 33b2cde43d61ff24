import { expect, it } from 'vitest';
import type { Stop } from './route';
import { around, stateOf, stepsOf } from './steps';

const stop = (what: string, refused = false): Stop => ({
  hop: { index: 0, store: 'fact', title: what, what, data: {}, rule: null, before: null, after: null },
  place: 'core',
  refused,
});

it('one walk is one line, and every fact is in exactly one', () => {
  const steps = stepsOf(['core', 'walk', 'walk', 'walk', 'key', 'walk'].map((what) => stop(what)));
  expect(steps.map(({ from, to, title }) => [from, to, title])).toEqual([
    [0, 1, 'core'],
    [1, 4, 'page tables: 3 entries read'],
    [4, 5, 'key'],
    [5, 6, 'walk'],
  ]);
});

it('tells past, present and future apart', () => {
  const [first, second] = stepsOf([stop('core'), stop('fault', true)]);
  if (!first || !second) throw new Error('two steps');
  expect(stateOf(first, 0, false)).toBe('later');
  expect(stateOf(first, 1, true)).toBe('now');
  expect(stateOf(first, 2, false)).toBe('done');
  expect(stateOf(second, 2, true)).toBe('refused');
});

it('shows a window around the current line of a long list', () => {
  const list = Array.from({ length: 100 }, (_, i) => i);
  expect(around(list, 50, 10)).toEqual({ first: 45, part: list.slice(45, 55) });
  expect(around(list, 0, 10).first).toBe(0);
  expect(around(list, 99, 10).first).toBe(90);
  expect(around([1, 2], 1, 10)).toEqual({ first: 0, part: [1, 2] });
});
