import { expect, it } from 'vitest';
import { pagesTouched, stretches } from './frames';

it('joins pages that follow each other and splits where they do not', () => {
  expect(stretches([0x5000, 0x6000, 0x9000], 0x1000, 3 * 4096)).toEqual([
    { spa: 0x5000, at: 0, length: 8192 },
    { spa: 0x9000, at: 8192, length: 4096 },
  ]);
});

it('starts inside a page and ends inside one', () => {
  expect(stretches([0x5000, 0x9000], 0x1f00, 0x200)).toEqual([
    { spa: 0x5f00, at: 0, length: 0x100 },
    { spa: 0x9000, at: 0x100, length: 0x100 },
  ]);
});

it('leaves a hole where a page is not mapped', () => {
  expect(stretches([0x5000, -1, 0x7000], 0, 3 * 4096).map((s) => s.at)).toEqual([0, 8192]);
});

it('never covers more or less than what is mapped', () => {
  for (const [address, length] of [
    [0, 1],
    [4095, 2],
    [4096, 4096],
    [100, 10_000],
  ] as const) {
    const frames = Array.from({ length: pagesTouched(address, length) }, (_, i) => (i * 7 + 3) * 4096);
    expect(stretches(frames, address, length).reduce((sum, s) => sum + s.length, 0)).toBe(length);
  }
});
