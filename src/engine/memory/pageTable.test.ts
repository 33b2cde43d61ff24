import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  ADDRESS_BITS,
  ENTRY,
  entryFormat,
  isStop,
  LEAF_BITS,
  leafSize,
  levelIndex,
  makeEntry,
  PAGING_RULES,
  TABLE_BITS,
  type WalkEnd,
  type WalkStep,
  walkTables,
} from './pageTable';

const MILAN = entryFormat(43, 51);
const ROOT = 0x1000;

/** Tables as a map from the address of an entry to its bits; new tables come one behind the other. */
class Tables {
  readonly entries = new Map<number, bigint>();
  private next = ROOT + 0x1000;

  map(virtual: number, target: number, level: number, c: boolean): void {
    let base = ROOT;
    for (let at = 4; at > level; at--) {
      const slot = base + levelIndex(virtual, at) * 8;
      const held = this.entries.get(slot) ?? makeEntry(this.next, TABLE_BITS, false, MILAN);
      if (!this.entries.has(slot)) this.next += 0x1000;
      this.entries.set(slot, held);
      base = Number(held & MILAN.addressMask);
    }
    const bits = level === 1 ? LEAF_BITS : LEAF_BITS | ENTRY.large;
    this.entries.set(base + levelIndex(virtual, level) * 8, makeEntry(target, bits, c, MILAN));
  }

  walk(virtual: number, steps: WalkStep[] = []): WalkEnd {
    const read = (address: number) => ({ raw: this.entries.get(address) ?? 0n, address, key: -1 });
    return walkTables('host', ROOT, false, virtual, MILAN, read, steps);
  }
}

/** Mappings of the three sizes, each in a part of the address space of its own. */
const mapping = fc
  .tuple(
    fc.constantFrom(1, 2, 3),
    fc.nat(2 ** 10),
    fc.nat(2 ** 13 - 1),
    fc.boolean(),
    fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
  )
  .map(([level, page, frame, c, within]) => {
    const size = leafSize(level);
    const virtual = level * 2 ** 44 + page * size;
    return { level, size, virtual, target: frame * size, c, offset: Math.floor(within * size) };
  });

describe('walking four levels', () => {
  it('arrives where the page was mapped, with its C-bit, and reports the entries that it read', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(mapping, { selector: ({ virtual }) => virtual, maxLength: 40 }),
        (mappings) => {
          const tables = new Tables();
          for (const { virtual, target, level, c } of mappings) tables.map(virtual, target, level, c);
          for (const { virtual, target, level, size, c, offset } of mappings) {
            const steps: WalkStep[] = [];
            const end = tables.walk(virtual + offset, steps);
            expect(end).toEqual({ address: target + offset, size, c, writable: true });
            expect(steps.map((step) => step.level)).toEqual([4, 3, 2, 1].slice(0, 5 - level));
            for (const { address, raw } of steps) expect(tables.entries.get(address)).toBe(raw);
          }
        },
      ),
      { numRuns: 50 },
    );
  });

  const stopAt = (virtual: number, change: (raw: bigint) => bigint, level: number): string => {
    const tables = new Tables();
    tables.map(virtual, 0x4000_0000, level, true);
    const steps: WalkStep[] = [];
    tables.walk(virtual, steps);
    const last = steps.at(-1);
    if (last) tables.entries.set(last.address, change(last.raw));
    const end = tables.walk(virtual);
    return isStop(end) ? end.rule.id : 'arrived';
  };

  it.each([
    ['an entry that is not present', (raw: bigint) => raw & ~ENTRY.present, 1, PAGING_RULES.notPresent.id],
    [
      'the first bit beyond the reduced width',
      (raw: bigint) => raw | (1n << 43n),
      1,
      PAGING_RULES.reserved.id,
    ],
    ['bit 50, below C', (raw: bigint) => raw | (1n << 50n), 1, PAGING_RULES.reserved.id],
    ['the last bit within the width', (raw: bigint) => raw | (1n << 42n), 1, 'arrived'],
    ['C', (raw: bigint) => raw ^ (1n << 51n), 1, 'arrived'],
    ['bit 13 of a 2 MiB page', (raw: bigint) => raw | (1n << 13n), 2, PAGING_RULES.reserved.id],
    ['PAT of a 2 MiB page', (raw: bigint) => raw | (1n << 12n), 2, 'arrived'],
    ['bit 29 of a 1 GiB page', (raw: bigint) => raw | (1n << 29n), 3, PAGING_RULES.reserved.id],
  ])('%s', (_, change, level, rule) => {
    expect(stopAt(0x7000_0000_0000, change, level)).toBe(rule);
  });

  it('stops at PS in the root, beyond 48 bits, and where no memory answers', () => {
    const tables = new Tables();
    tables.map(0, 0x20_0000, 1, false);
    tables.entries.set(ROOT, (tables.entries.get(ROOT) ?? 0n) | ENTRY.large);
    const none = walkTables('host', ROOT, false, 0, MILAN, () => null, []);
    const rules = [tables.walk(0), tables.walk(2 ** 48), none].map((end) => isStop(end) && end.rule.id);
    expect(rules).toEqual([PAGING_RULES.reserved.id, PAGING_RULES.depth.id, PAGING_RULES.outside.id]);
  });

  it('needs the writable bit at every level', () => {
    for (const level of [1, 2, 3, 4]) {
      const tables = new Tables();
      tables.map(0x1000, 0x5000, 1, false);
      const steps: WalkStep[] = [];
      tables.walk(0x1000, steps);
      const step = steps.find((each) => each.level === level);
      if (step) tables.entries.set(step.address, step.raw & ~ENTRY.writable);
      expect(tables.walk(0x1000)).toMatchObject({ writable: false });
    }
  });
});

describe('the bits of an entry', () => {
  it.each([
    ['Naples host', entryFormat(43, 47), 43, 47],
    ['Naples guest with SEV', entryFormat(48, 47), 48, 47],
    ['Milan host', entryFormat(43, 51), 43, 51],
    ['Genoa host', entryFormat(46, 51), 46, 51],
    ['Genoa guest with SEV', entryFormat(52, 51), 52, 51],
    ['no encryption', entryFormat(48, null), 48, null],
  ])('%s: address, C and reserved bits share out bits 51:12', (_, format, width, cBit) => {
    const { addressMask, cMask, reservedMask } = format;
    expect(addressMask | cMask | reservedMask).toBe(ADDRESS_BITS);
    expect((addressMask & cMask) | (addressMask & reservedMask) | (cMask & reservedMask)).toBe(0n);
    expect(cMask).toBe(cBit === null ? 0n : 1n << BigInt(cBit));
    expect((reservedMask >> BigInt(width)) << BigInt(width)).toBe(reservedMask);
  });
});
