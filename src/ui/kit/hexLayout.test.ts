import { expect, it } from 'vitest';
import { hexLayout, textColumns } from './hexLayout';

it('takes the widest row that fits and goes below its digits when none does', () => {
  expect(hexLayout(69)).toEqual({ columns: 16, tight: false });
  expect(hexLayout(68)).toEqual({ columns: 8, tight: false });
  expect(hexLayout(37)).toEqual({ columns: 8, tight: false });
  expect(hexLayout(36)).toEqual({ columns: 8, tight: true });
});

it('text alone never needs more room than digits and text', () => {
  for (const characters of [28, 37, 69]) {
    const layout = hexLayout(characters);
    expect(4 + textColumns(layout)).toBeLessThanOrEqual(characters);
  }
});
