import { expect, test } from 'vitest';
import { readU64 } from './bytes';
import { crc64 } from './crc64';

test('the catalogue’s check value of CRC-64/ECMA-182', () => {
  expect(readU64(crc64(new TextEncoder().encode('123456789')), 0)).toBe(0x6c40df5f0b497347n);
});
