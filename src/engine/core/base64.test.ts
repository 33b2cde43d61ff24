import fc from 'fast-check';
import { expect, it } from 'vitest';
import { fromBase64, toBase64 } from './base64';

it('is what Node makes of the same bytes, and comes back', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
      expect(toBase64(bytes)).toBe(Buffer.from(bytes).toString('base64'));
      expect(fromBase64(toBase64(bytes))).toEqual(bytes);
    }),
  );
});

it.each(['A', 'AA', 'AAA', 'A===', 'AA==AAAA', 'AA-_', 'AAAA\n', 'AA AA'])('%j is none', (text) => {
  expect(fromBase64(text)).toBeNull();
});
