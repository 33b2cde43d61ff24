import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PAGE_SIZE } from '../../core/address';
import { toHex } from '../../core/bytes';
import {
  clearValid,
  GHCB_FIELD_NAMES,
  GHCB_FIELDS,
  GHCB_PARTS,
  ghcbHeader,
  ghcbWrites,
  isValid,
  readGhcb,
  readGhcbPart,
  validBits,
  written,
} from './layout';

const EMPTY = new Uint8Array(PAGE_SIZE);
const bitmapOf = (page: Uint8Array): string => toHex(page.subarray(0x3f0, 0x400));

describe('the layout of a GHCB', () => {
  it('has a bit for the quadword of each field, and no two fields in one place', () => {
    const places = [...Object.values(GHCB_FIELDS), ...Object.values(GHCB_PARTS)].toSorted(
      (a, b) => a.offset - b.offset,
    );
    for (const [i, { offset, size }] of places.entries())
      expect(offset + size).toBeLessThanOrEqual(places[i + 1]?.offset ?? PAGE_SIZE);
    for (const { offset, validBit } of Object.values(GHCB_FIELDS))
      expect(validBit).toBe(Math.floor(offset / 8));
    expect(new Set(Object.values(GHCB_FIELDS).map(({ validBit }) => validBit)).size).toBe(
      GHCB_FIELD_NAMES.length,
    );
  });

  // GHCB specification, and cpu-and-rmp.md D.3: the request for CPUID Fn8000_001F.
  it('makes the bytes of the worked example', () => {
    const page = written(EMPTY, [
      ...ghcbWrites(EMPTY, {
        rax: 0x8000_001fn,
        rcx: 0n,
        swExitCode: 0x72n,
        swExitInfo1: 0n,
        swExitInfo2: 0n,
      }),
      ...ghcbHeader(2),
    ]);
    expect(bitmapOf(page)).toBe('00000000000000800000000002001c00');
    expect(validBits(page)).toEqual([63, 97, 114, 115, 116]);
    expect(toHex(page.subarray(0x1f8, 0x200))).toBe('1f00008000000000');
    expect(toHex(page.subarray(0x390, 0x398))).toBe('7200000000000000');
    expect(toHex(page.subarray(0xffa))).toBe('020000000000');
    expect([...page].filter((byte) => byte !== 0)).toHaveLength(7);
  });
});

const values = fc.dictionary(fc.constantFrom(...GHCB_FIELD_NAMES), fc.bigInt(0n, 2n ** 64n - 1n));
const pages = fc.uint8Array({ minLength: PAGE_SIZE, maxLength: PAGE_SIZE });

describe('writing fields', () => {
  it('gives back their values, marks them and no others, and leaves the page given alone', () => {
    fc.assert(
      fc.property(pages, values, (before, given) => {
        const copy = before.slice();
        const page = written(before, ghcbWrites(before, given));
        expect(before).toEqual(copy);
        for (const name of GHCB_FIELD_NAMES) {
          const value = given[name];
          const bits = 8 * GHCB_FIELDS[name].size;
          expect(readGhcb(page, name)).toBe(
            value === undefined ? readGhcb(before, name) : BigInt.asUintN(bits, value),
          );
          expect(isValid(page, name)).toBe(value !== undefined || isValid(before, name));
        }
        expect(page.subarray(0x400)).toEqual(before.subarray(0x400));
      }),
      { numRuns: 50 },
    );
  });

  it('can be taken back for all fields', () => {
    fc.assert(
      fc.property(pages, (before) => {
        const page = written(before, [clearValid()]);
        expect(validBits(page)).toEqual([]);
        expect(readGhcb(page, 'rax')).toBe(readGhcb(before, 'rax'));
      }),
      { numRuns: 20 },
    );
  });

  it('sets version and usage apart from them', () => {
    const page = written(EMPTY, ghcbHeader(2, 0x12345));
    expect(readGhcbPart(page, 'protocolVersion')).toBe(2n);
    expect(readGhcbPart(page, 'usage')).toBe(0x12345n);
    expect(bitmapOf(page)).toBe('00'.repeat(16));
  });
});
