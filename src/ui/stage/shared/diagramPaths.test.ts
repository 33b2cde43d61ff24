import { expect, it } from 'vitest';
import { boxOf, edgePath } from './diagramPaths';

const scale = { x: 4, rem: 16 };
const left = boxOf({ at: [10, 5], width: 4, height: 2 }, scale);
const right = boxOf({ at: [90, 5], width: 4, height: 2 }, scale);

it('an arrow goes from border to border', () => {
  expect(edgePath(left, right, { from: 'a', to: 'b' }, scale)).toBe('M74.0 80.0L326.0 80.0');
});

it('two arrows between the same boxes go side by side', () => {
  expect(edgePath(left, right, { from: 'a', to: 'b', shift: 0.5 }, scale)).toBe('M74.0 72.0L326.0 72.0');
  expect(edgePath(right, left, { from: 'b', to: 'a', shift: 0.5 }, scale)).toBe('M326.0 88.0L74.0 88.0');
});

it('an arrow with corners leaves each box towards the nearest one', () => {
  const path = edgePath(
    left,
    right,
    {
      from: 'a',
      to: 'b',
      via: [
        [10, 9],
        [90, 9],
      ],
    },
    scale,
  );
  expect(path).toBe('M40.0 98.0L40.0 144.0L360.0 144.0L360.0 98.0');
});
