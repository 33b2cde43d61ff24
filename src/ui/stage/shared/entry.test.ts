import { describe, expect, it } from 'vitest';
import { bitKind, bitRuns, entryBits, entryFlags } from './entry';

describe('entryBits', () => {
  it('takes the C-bit out of the address, wherever the generation puts it', () => {
    const raw = (1n << 63n) | (1n << 47n) | 0x12_3000n | 0x3n;
    const naples = entryBits(raw, 47);
    expect(naples).toMatchObject({
      c: true,
      address: 0x12_3000,
      noExecute: true,
      present: true,
      writable: true,
      user: false,
    });
    const milan = entryBits(raw, 51);
    expect(milan.c).toBe(false);
    expect(milan.address).toBe(2 ** 47 + 0x12_3000);
  });

  it('names the flags in the order of their bits', () => {
    expect(entryFlags(entryBits(0xe7n, 51))).toBe('P W U A D PS');
    expect(entryFlags(entryBits(0n, 51))).toBe('');
  });
});

it('every bit has one kind, and exactly one is C', () => {
  for (const cBit of [47, 51]) {
    const kinds = Array.from({ length: 64 }, (_, i) => bitKind(i, cBit));
    expect(kinds.filter((kind) => kind === 'c')).toHaveLength(1);
    expect(kinds[63]).toBe('nx');
    expect(kinds[12]).toBe('address');
    expect(kinds[0]).toBe('flag');
  }
});

it.each([47, 51])('with C at %i the runs are the 64 bits in order', (cBit) => {
  const raw = (1n << 63n) | (1n << BigInt(cBit)) | 0x1234_5067n;
  const runs = bitRuns(raw, cBit);
  expect(runs.map((run) => run.digits).join('')).toBe(raw.toString(2));
  expect(runs.filter((run) => run.kind === 'c')).toEqual([{ kind: 'c', high: cBit, low: cBit, digits: '1' }]);
  for (const run of runs) expect(run.digits).toHaveLength(run.high - run.low + 1);
});
