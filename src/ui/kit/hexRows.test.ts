import { describe, expect, it } from 'vitest';
import {
  byteChar,
  changedMask,
  changedRanges,
  describeBytes,
  entropyBits,
  firstText,
  runsOf,
} from './hexRows';

const text = (s: string) => new TextEncoder().encode(s);

describe('runsOf', () => {
  it('joins neighbours that look alike and covers the row once', () => {
    const bytes = Uint8Array.of(0, 0, 1, 2, 3, 0);
    const changed = Uint8Array.of(0, 0, 0, 1, 1, 0);
    expect(runsOf(bytes, 0, 6, changed)).toEqual([
      { start: 0, end: 2, tone: 'zero' },
      { start: 2, end: 3, tone: 'plain' },
      { start: 3, end: 5, tone: 'changed' },
      { start: 5, end: 6, tone: 'zero' },
    ]);
  });

  it('marks a byte that became zero as changed, not as empty', () => {
    expect(runsOf(Uint8Array.of(0), 0, 1, Uint8Array.of(1))).toEqual([{ start: 0, end: 1, tone: 'changed' }]);
  });
});

describe('changedMask', () => {
  it('is null when nothing moved or when lengths differ', () => {
    expect(changedMask(Uint8Array.of(1, 2), Uint8Array.of(1, 2))).toBeNull();
    expect(changedMask(Uint8Array.of(1), Uint8Array.of(1, 2))).toBeNull();
    expect(changedMask(null, Uint8Array.of(1))).toBeNull();
  });

  it('marks exactly the bytes that differ', () => {
    expect(changedMask(Uint8Array.of(1, 2, 3), Uint8Array.of(1, 9, 3))).toEqual(Uint8Array.of(0, 1, 0));
  });
});

it('changedRanges joins stretches that are close', () => {
  const mask = Uint8Array.of(1, 1, 0, 1, 0, 0, 0, 1);
  expect(changedRanges(mask)).toEqual([
    [0, 2],
    [3, 4],
    [7, 8],
  ]);
  expect(changedRanges(mask, 2)).toEqual([
    [0, 4],
    [7, 8],
  ]);
});

it('entropy is 0 for one value and 8 for all values alike', () => {
  expect(entropyBits(new Uint8Array(64))).toBe(0);
  expect(entropyBits(Uint8Array.from({ length: 256 }, (_, i) => i))).toBeCloseTo(8);
});

describe('words for bytes', () => {
  it('finds the first text that is long enough', () => {
    expect(firstText(text('\0\0ab\0balance=1000\0'))).toBe('balance=1000');
    expect(firstText(text('\0ab\0'))).toBeNull();
  });

  it('shows what is not printable as a dot', () => {
    expect([0x41, 0x20, 0x00, 0x7f, 0xff].map(byteChar)).toEqual(['A', ' ', '·', '·', '·']);
  });

  it('says what changed and where', () => {
    const mask = new Uint8Array(16);
    mask[4] = 1;
    expect(describeBytes(text('secret of Alice!'), 0x12000, mask)).toBe(
      '16 bytes from 0x12000; readable text “secret of Alice!”; 1 changed, first at offset 0x4.',
    );
    expect(describeBytes(new Uint8Array(16), 0, null)).toBe('16 bytes from 0x0; all zero.');
  });
});
