import { expect, it } from 'vitest';
import { differences } from './differences';

it('names the fields that moved and leaves out those that stayed', () => {
  expect(differences({ before: { asid: 0, sev: false }, after: { asid: 1, sev: false } })).toEqual([
    { name: 'asid', before: 0, after: 1 },
  ]);
});

it('a record that appears or goes has all its fields, and a fact has none', () => {
  expect(differences({ before: null, after: { asid: 1 } })).toEqual([
    { name: 'asid', before: null, after: 1 },
  ]);
  expect(differences({ before: { asid: 1 }, after: null })).toEqual([
    { name: 'asid', before: 1, after: null },
  ]);
  expect(differences({ address: 4096 })).toEqual([]);
});
