import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Block, blockAt, blocksAround } from './lanes';
import { changeAt, clampRange, pixelOf, reveal, whole, zoomAt } from './scale';

const track = { left: 100, width: 1000 };

describe('the scale of the timeline', () => {
  it('finds the change under the pixel that shows it', () => {
    fc.assert(
      fc.property(fc.integer({ min: 8, max: 1000 }), fc.nat(1000), (length, at) => {
        const change = Math.min(at, length);
        expect(changeAt(whole(length), track, pixelOf(whole(length), track, change))).toBe(change);
      }),
    );
  });

  it('never shows what has not happened', () => {
    const numbers = fc.double({ min: -1e6, max: 1e6, noNaN: true });
    fc.assert(
      fc.property(numbers, numbers, fc.integer({ min: 8, max: 100_000 }), (from, span, length) => {
        const range = clampRange({ from, to: from + Math.abs(span) }, length);
        expect(range.from).toBeGreaterThanOrEqual(0);
        expect(range.to).toBeLessThanOrEqual(length + 1e-6);
        expect(range.to - range.from).toBeGreaterThanOrEqual(8 - 1e-6);
      }),
    );
  });

  it('keeps the change under the pointer there while zooming', () => {
    const range = zoomAt({ from: 0, to: 1000 }, 400, 0.5, 1000);
    expect(range).toEqual({ from: 200, to: 700 });
    expect(pixelOf(range, track, 400)).toBe(pixelOf({ from: 0, to: 1000 }, track, 400));
  });

  it('follows the cursor only when it leaves the picture', () => {
    const range = { from: 100, to: 200 };
    expect(reveal(range, 150, 1000)).toBe(range);
    expect(reveal(range, 500, 1000)).toEqual({ from: 475, to: 575 });
  });
});

const block = (start: number, end: number, depth: number, lane = 'xen'): Block => ({
  lane,
  start,
  end,
  depth,
  name: `${start}`,
  actor: 'xen',
  fault: false,
});

describe('the blocks of the timeline', () => {
  const blocks = [block(0, 100, 0), block(10, 20, 1), block(12, 14, 2), block(0, 100, 0, 'asp')];

  it('points at the innermost call of its lane', () => {
    expect(blockAt(blocks, 'xen', 13, 0)).toBe(blocks[2]);
    expect(blockAt(blocks, 'xen', 50, 0)).toBe(blocks[0]);
    expect(blockAt(blocks, 'asp', 13, 0)).toBe(blocks[3]);
    expect(blockAt(blocks, 'xen', 101, 0)).toBeNull();
  });

  it('lists what lies around the cursor', () => {
    const many = Array.from({ length: 100 }, (_, n) => block(n * 10, n * 10 + 5, 0));
    expect(blocksAround(many, 505, 4).map(({ start }) => start)).toEqual([490, 500, 510, 520]);
    expect(blocksAround(many, 0, 4).map(({ start }) => start)).toEqual([0, 10, 20, 30]);
    expect(blocksAround(many, 9999, 4).map(({ start }) => start)).toEqual([960, 970, 980, 990]);
  });
});
