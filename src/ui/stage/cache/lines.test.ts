import { expect, it } from 'vitest';
import type { CacheLineView } from '../../../worker/protocol';
import { markedLines } from './lines';

const line = (complex: number, address: number, key: number, born = 0): CacheLineView => ({
  complex,
  address,
  key,
  keyName: '',
  dirty: false,
  born,
  data: new Uint8Array(64),
});

it('finds the same address under another key, in whichever cache, and not its own copies', () => {
  const lines = [line(0, 0x1000, 1), line(1, 0x1000, 0), line(1, 0x1000, 1), line(0, 0x2000, 1)];
  const marked = markedLines(lines, null);
  expect(marked.map(({ line: { complex, key }, otherViews }) => [complex, key, otherViews.length])).toEqual([
    [0, 1, 1],
    [1, 0, 2],
    [1, 1, 1],
    [0, 1, 0],
  ]);
});

it('keeps to one page when one is asked for', () => {
  const lines = [line(0, 0x1fc0, 1), line(0, 0x2000, 1), line(0, 0x2fc0, 1)];
  expect(markedLines(lines, 2).map((marked) => marked.line.address)).toEqual([0x2000, 0x2fc0]);
});
