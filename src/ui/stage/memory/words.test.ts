import { expect, it } from 'vitest';
import { u64 } from '../../../engine/core/bytes';
import { wordRows } from './words';

const page = (...words: bigint[]): Uint8Array => Uint8Array.from(words.flatMap((word) => [...u64(word)]));

it('reads a table as entries with the C-bit of this machine', () => {
  const rows = wordRows(page((1n << 51n) | 0x12_000n | 3n, 0n, 0x5000n), 51);
  expect(rows).toMatchObject([
    { index: 0, raw: '0x0008000000012003', c: true, meaning: '→ 0x12000  P W' },
    { index: 1, empty: true, meaning: 'not present', c: false },
    { index: 2, meaning: 'P = 0: not present' },
  ]);
});

it('reads other pages as numbers', () => {
  expect(wordRows(page(1000n, 2n ** 63n), null)).toMatchObject([
    { meaning: '1,000', c: null },
    { meaning: '', c: null },
  ]);
});
