import { expect, it } from 'vitest';
import { parseAddress, partBits, splitVirtual } from './virtualAddress';

it('cuts a 4 KiB address into four indices and twelve bits of offset', () => {
  const virtual = (0x1aa * 2 ** 39 + 0x055 * 2 ** 30 + 0x133 * 2 ** 21 + 0x0cc * 2 ** 12 + 0xabc) % 2 ** 47;
  const parts = splitVirtual(virtual);
  expect(parts.map((part) => part.value)).toEqual([0, 0x1aa % 256, 0x055, 0x133, 0x0cc, 0xabc]);
  expect(parts.map(partBits).join('')).toBe(BigInt(virtual).toString(2).padStart(64, '0'));
});

it.each([
  [4096, 6],
  [2 ** 21, 5],
  [2 ** 30, 4],
])('a page of %i bytes leaves %i parts that cover all 64 bits', (size, count) => {
  const parts = splitVirtual(0x7f00_1234_5678, size);
  expect(parts).toHaveLength(count);
  expect(parts.map((part) => part.high - part.low + 1).reduce((a, b) => a + b)).toBe(64);
});

it('reads what people type and refuses the rest', () => {
  expect(parseAddress(' 0x7F10 ')).toBe(0x7f10);
  expect(parseAddress('4096')).toBe(4096);
  expect(parseAddress('0x7f00_0000_4000')).toBe(0x7f0000004000);
  for (const bad of ['', '0x', 'alice', '-1', '1.5', '0x1000000000000']) expect(parseAddress(bad)).toBeNull();
});
