import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LARGE_PAGE_SIZE, PAGE_SIZE, pfnOf, spa as toSpa } from '../core/address';
import { fromHex, toHex, u64 } from '../core/bytes';
import { HOST_KEY, NO_KEY } from '../core/key';
import { OWNER_FIRMWARE, pageKey, pageWriter } from '../core/page';
import type { Platform } from '../core/platform';
import { lineSlot } from '../core/stores';
import { AesEngine } from '../memory/aes';
import { pagesOfAsid } from './counters';
import { EMPTY, PLACEHOLDER, type RmpEntry, rmpEntry, unpackEntry } from './entry';
import { entryIn, pageState } from './pageState';
import { coveredBytes, entryAddress, FIRMWARE_UNIT, HARDWARE_UNIT, tableBytes, tableEnd } from './place';
import { clearTable } from './store';
import {
  authoritative,
  changeRegion,
  entryPlace,
  joinSmall,
  protectTable,
  readEntry,
  regionEntries,
  splitLarge,
  writeEntry,
} from './table';
import { bare } from './testing/bare';
import { brokenTable } from './testing/invariants';

const MIB = 2 ** 20;
const GIB = 2 ** 30;
const REGION = 2 * MIB;
const guestPage = (fields: Partial<RmpEntry>): RmpEntry =>
  entryIn('Guest-Invalid', { asid: 3, gpa: 0x4000, permissions: 0x1f, ...fields });

describe('where entries lie', () => {
  // cpu-and-rmp.md E.2: the manual’s own example, which the firmware wants rounded up.
  it('RMP_END of a table for 4 GiB at 1 MiB', () => {
    expect(tableEnd(MIB, 4 * GIB, HARDWARE_UNIT)).toBe(0x1103fff);
    expect(tableEnd(MIB, 4 * GIB, FIRMWARE_UNIT)).toBe(0x11fffff);
    expect(coveredBytes({ base: MIB, end: 0x1103fff })).toBe(4 * GIB);
    expect(tableBytes(16 * GIB)).toBe(0x4004000);
  });

  it('sixteen bytes a page behind sixteen KiB', () => {
    expect(entryAddress(MIB, 0)).toBe(0x104000);
    expect(entryAddress(MIB, 0x12345fff)).toBe(0x104000 + 0x12345 * 16);
    const p = bare();
    const { base, end } = p.state.need('rmp');
    const covered = coveredBytes({ base, end });
    expect(entryPlace(p, covered - 1)).toBe(entryAddress(base, covered - 1));
    expect(entryPlace(p, covered)).toBeNull();
    expect(readEntry(p, covered)).toBeNull();
    p.trace.set('rmp', 0, null);
    expect(readEntry(p, 0)).toBeNull();
  });

  it('in segments on Turin: by the table of segments', () => {
    const p = bare();
    const table = 32 * MIB;
    p.trace.set('rmp', 0, { base: table, end: table + MIB - 1, segmentBits: 36 });
    const put = (index: number, raw: bigint) =>
      p.trace.emit({
        store: 'dram',
        address: toSpa(table + 0x4000 + 8 * index),
        before: new Uint8Array(8),
        after: u64(raw),
      });
    put(0, 0x3000000n + 64n);
    put(1, 0x40_0000_0000n + 2n);
    expect(entryPlace(p, 0x5000)).toBe(0x3000000 + 5 * 16);
    expect(entryPlace(p, 64 * GIB)).toBe(0x40_0000_0000);
    expect(entryPlace(p, 66 * GIB - PAGE_SIZE)).toBe(0x40_0000_0000 + 2 * 2 ** 22 - 16);
    expect(entryPlace(p, 66 * GIB)).toBeNull();
    expect(entryPlace(p, 128 * GIB)).toBeNull();
    expect(entryPlace(p, 16 * 64 * GIB)).toBeNull();
  });
});

describe('the table in DRAM', () => {
  it('is plaintext that hardware writes, and empty where nobody has written', () => {
    const p = bare();
    expect(readEntry(p, 0x5000)).toEqual(EMPTY);
    writeEntry(p, 0x5000, guestPage({ gpa: 0x12345000 }));
    const at = entryPlace(p, 0x5000) ?? 0;
    expect(toHex(p.state.dram.read(at, 16))).toBe('01503412000018001f00000000000000');
    expect(pageWriter(p.state.pages.get(pfnOf(at)))).toBe(OWNER_FIRMWARE);
    expect(pageKey(p.state.pages.get(pfnOf(at)))).toBe(NO_KEY + 2);
  });

  it('is ciphertext of the host’s key with TSME, and still empty where nobody has written', () => {
    const key = fromHex('11'.repeat(16));
    const cipher = new AesEngine('xex-linear', { key, tweakKey: new Uint8Array(0) });
    const p = bare({ cipher });
    writeEntry(p, 0x5000, guestPage({}));
    const at = entryPlace(p, 0x5000) ?? 0;
    expect(readEntry(p, 0x5000)).toEqual(guestPage({}));
    expect(readEntry(p, 0x6000)).toEqual(EMPTY);
    expect(readEntry(p, 14 * MIB)).toEqual(EMPTY);
    expect(unpackEntry(cipher.decrypt(at, p.state.dram.read(at, 16)))).toEqual(guestPage({}));
    expect(pageKey(p.state.pages.get(pfnOf(at)))).toBe(HOST_KEY + 2);
    clearTable(p, p.state.need('rmp'));
    expect(readEntry(p, 0x5000)).toEqual(EMPTY);
  });

  it('is empty after it was cleared', () => {
    const p = bare();
    writeEntry(p, 0x5000, guestPage({}));
    clearTable(p, p.state.need('rmp'));
    for (let page = 0; page < 16 * MIB; page += PAGE_SIZE) expect(readEntry(p, page)).toEqual(EMPTY);
    expect(pagesOfAsid(p, 3)).toBe(0);
  });

  it('says nothing when nothing changes', () => {
    const p = bare();
    writeEntry(p, 0x5000, guestPage({}));
    const before = p.changes.length;
    writeEntry(p, 0x5000, guestPage({}));
    writeEntry(p, 0x6000, EMPTY);
    expect(p.changes.length).toBe(before);
  });

  it('takes clean copies of an entry out of the caches and leaves dirty ones, the stale write of RMPocalypse', () => {
    for (const dirty of [false, true]) {
      const p = bare();
      const address = toSpa(entryPlace(p, 0x4000) ?? 0);
      const slot = lineSlot(address, NO_KEY);
      const line = { address, key: NO_KEY, dirty, writer: 1, born: 0, data: new Uint8Array(64) };
      p.trace.emit({ store: 'cache', complex: 0, slot, before: null, after: line });
      writeEntry(p, 0x5000, guestPage({}));
      expect(p.state.caches[0]?.get(slot)).toEqual(dirty ? line : undefined);
    }
  });

  it('protects itself: its own pages are the firmware’s, and no others', () => {
    const p = bare();
    const { base, end } = p.state.need('rmp');
    for (let page = 0; page < 16 * MIB; page += PAGE_SIZE)
      expect([page, pageState(readEntry(p, page))]).toEqual([
        page,
        page >= base && page <= end ? 'Firmware' : 'Hypervisor',
      ]);
    expect(readEntry(p, base)?.subPageCount).toBe((end + 1 - base) / PAGE_SIZE - 1);
    const before = p.changes.length;
    protectTable(p);
    expect(p.changes.length).toBe(before);
  });
});

describe('large pages', () => {
  const large = guestPage({ large: true, gpa: 0x49800000 });

  it('are one entry and 511 placeholders', () => {
    const p = bare();
    writeEntry(p, REGION, large);
    expect(readEntry(p, REGION)).toEqual(large);
    expect(regionEntries(p, REGION + 0x7000).slice(1)).toEqual(Array(511).fill(PLACEHOLDER));
    expect(authoritative(p, REGION + 0x7000)).toEqual(large);
    expect(authoritative(p, 2 * REGION - 1)).toEqual(large);
    expect(authoritative(p, 2 * REGION)).toEqual(EMPTY);
    expect(pagesOfAsid(p, 3)).toBe(1);
  });

  it('are split into 512 with consecutive GPAs, and joined again', () => {
    const p = bare();
    const valid = { ...large, validated: true, permissions: 0x11f };
    writeEntry(p, REGION, valid);
    splitLarge(p, REGION);
    for (const [i, entry] of regionEntries(p, REGION).entries())
      expect(entry).toEqual({
        ...valid,
        large: false,
        gpa: valid.gpa + i * PAGE_SIZE,
        subPageCount: i === 0 ? 511 : 0,
      });
    expect(pagesOfAsid(p, 3)).toBe(512);
    joinSmall(p, REGION);
    expect(readEntry(p, REGION)).toEqual(valid);
    expect(regionEntries(p, REGION)[5]).toEqual({ ...valid, large: false, asid: 0, gpa: valid.gpa + 0x5000 });
    expect(pagesOfAsid(p, 3)).toBe(1);
  });

  it('go as a whole', () => {
    const p = bare();
    writeEntry(p, REGION, large);
    writeEntry(p, REGION, EMPTY);
    expect(regionEntries(p, REGION)).toEqual(Array(512).fill(EMPTY));
    expect(pagesOfAsid(p, 3)).toBe(0);
  });

  it('cannot be written in pieces, nor from their middle: that would be our own mistake', () => {
    const p = bare();
    writeEntry(p, REGION, large);
    expect(() => writeEntry(p, REGION + PAGE_SIZE, EMPTY)).toThrow(/large page/);
    expect(() => writeEntry(p, REGION, guestPage({}))).toThrow(/large page/);
    expect(() => writeEntry(p, 2 * REGION + PAGE_SIZE, large)).toThrow(/no such entry/);
    expect(() => writeEntry(p, 2 ** 45, EMPTY)).toThrow(/no such entry/);
    expect(() => splitLarge(p, 2 * REGION)).toThrow(/no large page/);
    expect(() => changeRegion(p, 2 ** 45, (entry) => entry)).toThrow(/covers/);
  });
});

describe('the books', () => {
  type Write = readonly [place: number, entry: RmpEntry];
  const field = fc.record({
    asid: fc.constantFrom(0, 1, 2, 3),
    gpa: fc.nat(64).map((page) => page * LARGE_PAGE_SIZE),
    validated: fc.boolean(),
    immutable: fc.boolean(),
    permissions: fc.constantFrom(0, 0x1f),
  });
  const entry = fc.oneof(
    fc.constant(EMPTY),
    field.map((fields) => rmpEntry({ ...fields, assigned: true })),
  );
  const write: fc.Arbitrary<Write> = fc.tuple(
    fc.oneof(fc.nat(3), fc.constantFrom(511, 512, 513, 1023)).map((page) => REGION + page * PAGE_SIZE),
    entry,
  );
  const act = fc.oneof(
    { weight: 6, arbitrary: write.map((args) => ({ kind: 'small', args }) as const) },
    {
      weight: 2,
      arbitrary: write.map(
        ([at, one]) => ({ kind: 'large', args: [at - (at % REGION), one] as Write }) as const,
      ),
    },
    {
      weight: 1,
      arbitrary: fc.constantFrom(REGION, 2 * REGION).map((at) => ({ kind: 'split', at }) as const),
    },
    {
      weight: 1,
      arbitrary: fc.constantFrom(REGION, 2 * REGION).map((at) => ({ kind: 'join', at }) as const),
    },
  );

  /** Writes what a table can hold, and skips what would be a mistake. */
  function play(p: Platform, acts: readonly (typeof act extends fc.Arbitrary<infer A> ? A : never)[]): void {
    for (const one of acts) {
      if (one.kind === 'split') {
        if (readEntry(p, one.at)?.large) splitLarge(p, one.at);
      } else if (one.kind === 'join') {
        if (regionEntries(p, one.at).every(({ large, assigned }) => assigned && !large)) joinSmall(p, one.at);
      } else if (one.kind === 'large') {
        writeEntry(p, one.args[0], one.args[1].assigned ? { ...one.args[1], large: true } : EMPTY);
      } else {
        const [at, fields] = one.args;
        if (!authoritative(p, at)?.large) writeEntry(p, at, fields);
      }
    }
  }

  it('count assigned pages of each 2 MiB and entries of each ASID, whatever is written', () => {
    fc.assert(
      fc.property(fc.array(act, { maxLength: 40, size: 'max' }), (acts) => {
        const p = bare();
        play(p, acts);
        expect([...brokenTable(p, { firmwareWrote: true })]).toEqual([]);
      }),
      { numRuns: 60 },
    );
  });
});
