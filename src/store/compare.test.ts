import { expect, it } from 'vitest';
import { type PlayedSide, showPages } from './compare';
import { PageMirror } from './pageMirror';

const played: PlayedSide = {
  pageCount: 8,
  records: [],
  guests: [],
  outcome: null,
  feeds: [
    { patch: Uint32Array.of(1, 10, 2, 20), whole: true },
    { patch: Uint32Array.of(2, 21), whole: false },
    { patch: Uint32Array.of(3, 30), whole: true },
    { patch: Uint32Array.of(3, 31, 4, 40), whole: false },
  ],
};
const words = (mirror: PageMirror) => [1, 2, 3, 4].map((pfn) => mirror.word(pfn));
const WANTED = [
  [10, 20, 0, 0],
  [10, 21, 0, 0],
  [0, 0, 30, 0],
  [0, 0, 31, 40],
];

it('shows the pages after a step, wherever it comes from', () => {
  for (let step = 0; step < WANTED.length; step++)
    for (const from of [null, 0, 1, 2, 3]) {
      const mirror = new PageMirror();
      if (from !== null) showPages(mirror, played, null, from);
      showPages(mirror, played, from, step);
      expect(words(mirror), `${from} to ${step}`).toEqual(WANTED[step]);
    }
});
