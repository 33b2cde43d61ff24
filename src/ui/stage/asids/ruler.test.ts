import { expect, it } from 'vitest';
import { rulerSpans } from './AddressRuler';

it.each([
  ['Naples', { cBit: 47, reduction: 5, physicalBits: 48 }, 43],
  ['Milan', { cBit: 51, reduction: 5, physicalBits: 48 }, 43],
  ['Genoa', { cBit: 51, reduction: 6, physicalBits: 52 }, 46],
])('%s: 64 bits, one C, and %s bits of address left', (_, asids, left) => {
  const spans = rulerSpans(asids);
  expect(spans.reduce((sum, span) => sum + span.high - span.low + 1, 0)).toBe(64);
  expect(spans.slice(1).map(({ high }) => high)).toEqual(spans.slice(0, -1).map(({ low }) => low - 1));
  expect(spans.filter((span) => span.kind === 'c').map((span) => span.high)).toEqual([asids.cBit]);
  expect(spans.find((span) => span.kind === 'address')?.high).toBe(left - 1);
});
