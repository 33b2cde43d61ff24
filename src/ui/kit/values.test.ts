import { expect, it } from 'vitest';
import { valueText } from './values';

it('writes addresses in hexadecimal and counts in decimal', () => {
  expect(valueText('address', 0x106000)).toBe('0x106000');
  expect(valueText('hostCr3', 4096)).toBe('0x1000');
  expect(valueText('length', 4096)).toBe('4,096');
  expect(valueText('c', true)).toBe('yes');
  expect(valueText('frames', [[1, 2]])).toBe('[[1,2]]');
});

it('cuts what nobody reads to the end', () => {
  expect(valueText('plaintext', 'a'.repeat(200))).toHaveLength(81);
});
