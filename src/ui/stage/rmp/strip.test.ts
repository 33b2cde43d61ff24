import { expect, it } from 'vitest';
import { PAGE_STATES } from '../../../engine/rmp/types';
import { pageOfRow, rowOfPage, stripStates } from './strip';

const of = (name: (typeof PAGE_STATES)[number]) => PAGE_STATES.indexOf(name);
const named = (states: Uint8Array) => [...states].map((state) => PAGE_STATES[state]);

it('a row shows the rarest of the states that lie in it', () => {
  const pairs = [0, of('Firmware'), 1, of('Context'), 2, of('Guest-Valid'), 7, of('HV-fixed')];
  expect(named(stripStates(pairs, 8, 4))).toEqual(['Context', 'Guest-Valid', 'Hypervisor', 'HV-fixed']);
});

it('with few pages each takes several rows', () => {
  expect(named(stripStates([1, of('Firmware')], 2, 4))).toEqual([
    'Hypervisor',
    'Hypervisor',
    'Firmware',
    'Firmware',
  ]);
});

it('the page of a row lies in that row', () => {
  for (const [pages, height] of [
    [4096, 300],
    [1000, 7],
    [16, 16],
  ] as const)
    for (let row = 0; row < height; row++)
      expect(rowOfPage(pageOfRow(row, pages, height), pages, height)).toBe(row);
});
