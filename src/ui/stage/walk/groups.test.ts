import { expect, it } from 'vitest';
import type { WalkEntryView } from '../../../worker/protocol';
import { tableName, walkGroups } from './groups';

const entry = (table: WalkEntryView['table'], level: number): WalkEntryView => ({
  table,
  level,
  index: 0,
  address: 0,
  gpa: null,
  raw: '0x0',
  key: 'no key',
  fields: [],
  decision: '',
});
const levels = [4, 3, 2, 1];

it('a two-dimensional walk is four guest levels with a nested walk each, and one for the data', () => {
  const entries = levels.flatMap((level) => [
    ...levels.map((n) => entry('nested', n)),
    entry('guest', level),
  ]);
  const groups = walkGroups([...entries, ...levels.map((n) => entry('nested', n))]);
  expect(groups.map((group) => [group.entry?.level ?? null, group.nested.length])).toEqual([
    [4, 4],
    [3, 4],
    [2, 4],
    [1, 4],
    [null, 4],
  ]);
});

it('a walk that was refused in a nested table ends there', () => {
  const groups = walkGroups([
    ...levels.map((n) => entry('nested', n)),
    entry('guest', 4),
    entry('nested', 4),
  ]);
  expect(groups.map((group) => [group.entry?.level ?? null, group.nested.length])).toEqual([
    [4, 4],
    [null, 1],
  ]);
});

it('the host has no nested tables', () => {
  expect(
    walkGroups(levels.map((n) => entry('host', n))).every(
      (group) => group.entry && group.nested.length === 0,
    ),
  ).toBe(true);
  expect([4, 3, 2, 1].map(tableName)).toEqual(['PML4', 'PDP', 'PD', 'PT']);
});
