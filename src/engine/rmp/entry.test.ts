import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromHex, readUint, toHex } from '../core/bytes';
import { EMPTY, ENTRY_BYTES, packEntry, RMP_FIELDS, type RmpEntry, rmpEntry, unpackEntry } from './entry';
import { ALL_PERMISSIONS, permissionsOf, withPermissions } from './permissions';
import vectors from './vectors/rmp.json';

const bytes = fc.uint8Array({ minLength: ENTRY_BYTES, maxLength: ENTRY_BYTES });

/** The value of a field of the table in some bytes, and of the same in an entry. */
const inBytes = (name: keyof typeof RMP_FIELDS, of: Uint8Array): bigint =>
  BigInt.asUintN(RMP_FIELDS[name].width, readUint(of, 0, ENTRY_BYTES) >> BigInt(RMP_FIELDS[name].lsb));
function inEntry(name: keyof typeof RMP_FIELDS, entry: RmpEntry): bigint {
  const level = /^vmpl(\d)$/.exec(name)?.[1];
  if (level) return BigInt(permissionsOf(entry, Number(level)));
  return BigInt(name === 'gpa' ? entry.gpa / 4096 : Number(entry[name as keyof RmpEntry]));
}

describe('an entry as it lies in memory', () => {
  const examples = vectors.rmp.examples.map(({ name, fields, bytesLE, lo, hi }) => ({
    name,
    bytesLE,
    words: [lo, hi],
    entry: (({ pageSize, perms = [0], ...plain }: Record<string, number> & { perms?: number[] }) =>
      rmpEntry({
        ...Object.fromEntries(
          Object.entries(plain).map(([key, value]) => [
            key,
            ['gpa', 'asid', 'subPageCount'].includes(key) ? value : value === 1,
          ]),
        ),
        large: pageSize === 1,
        permissions: perms.reduce((all, mask, level) => withPermissions(all, level, mask), 0),
      }))(fields as never),
  }));

  it.each(examples)('$name', ({ entry, bytesLE, words }) => {
    expect(toHex(packEntry(entry))).toBe(bytesLE);
    expect(unpackEntry(fromHex(bytesLE))).toEqual(entry);
    const halves = [0, 8].map((at) => readUint(packEntry(entry), at, 8));
    expect(halves.map((half) => `0x${half.toString(16).padStart(16, '0')}`)).toEqual(words);
  });

  it('loses nothing: 16 bytes come back as they were', () => {
    fc.assert(
      fc.property(bytes, (some) => {
        expect(packEntry(unpackEntry(some))).toEqual(some);
      }),
    );
  });

  it('has every field where the table says', () => {
    const names = Object.keys(RMP_FIELDS) as (keyof typeof RMP_FIELDS)[];
    fc.assert(
      fc.property(bytes, (some) => {
        const entry = unpackEntry(some);
        for (const name of names) expect([name, inEntry(name, entry)]).toEqual([name, inBytes(name, some)]);
      }),
    );
    let end = 0;
    for (const name of names) {
      expect([name, RMP_FIELDS[name].lsb]).toEqual([name, end]);
      end += RMP_FIELDS[name].width;
    }
    expect(end).toBe(8 * ENTRY_BYTES);
  });

  it('is read at any offset of a table', () => {
    const table = new Uint8Array(48);
    table.set(packEntry(rmpEntry({ assigned: true, asid: 3, gpa: 0x12345000 })), 16);
    expect(unpackEntry(table, 16)).toEqual(rmpEntry({ assigned: true, asid: 3, gpa: 0x12345000 }));
    expect(unpackEntry(table, 32)).toEqual(EMPTY);
  });
});

describe('permissions', () => {
  it('are a byte for each VMPL', () => {
    const level = fc.nat(3);
    fc.assert(
      fc.property(fc.nat(2 ** 32 - 1), level, level, fc.nat(0xff), (all, one, other, mask) => {
        const after = rmpEntry({ permissions: withPermissions(all, one, mask) });
        const before = rmpEntry({ permissions: all });
        expect(permissionsOf(after, one)).toBe(mask);
        if (other !== one) expect(permissionsOf(after, other)).toBe(permissionsOf(before, other));
      }),
    );
  });

  it('that are all given are the five defined bits', () => {
    const bits = vectors.rmp.permissionBits.reduce((mask, { bit }) => mask | (1 << bit), 0);
    expect(ALL_PERMISSIONS).toBe(bits);
  });
});
