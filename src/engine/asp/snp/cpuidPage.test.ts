import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CPUID_SAMPLES } from '../../cpu/cpuid';
import { leafPolicy } from './cpuidLeaves';
import {
  CPUID_PAGE_CHECKS,
  correctedCpuidPage,
  cpuidCorrections,
  decodeCpuidEntries,
  encodeCpuidPage,
} from './cpuidPage';
import type { CpuidEntry } from './cpuidPolicy';

const GENOA = 0x00a10f10;

const entry = (leaf: number, of: Partial<CpuidEntry> = {}): CpuidEntry => ({
  leaf,
  subleaf: 0,
  xcr0: 7n,
  xss: 0n,
  eax: 0,
  ebx: 0,
  ecx: 0,
  edx: 0,
  reserved: 0n,
  ...of,
});

/** The page as the firmware would leave it, entry by entry; null when it takes the page. */
function refused(...entries: CpuidEntry[]): readonly CpuidEntry[] | null {
  const page = encodeCpuidPage(entries);
  const check = CPUID_PAGE_CHECKS.find(({ holds }) => holds(page, GENOA));
  if (!check) return null;
  expect(check).toMatchObject({ id: 'asp.cpuid-page-values', status: 'INVALID_PARAM' });
  return decodeCpuidEntries(correctedCpuidPage(page, GENOA));
}

describe('a CPUID page', () => {
  it('has its fields where the format says', () => {
    const page = encodeCpuidPage([
      entry(0x0d, { subleaf: 1, xcr0: 7n, xss: 0x1800n, eax: 0xf, ebx: 0x368, ecx: 0x1800, edx: 0 }),
    ]);
    expect(Buffer.from(page.subarray(0, 0x40)).toString('hex')).toBe(
      '01000000000000000000000000000000' +
        '0d0000000100000007000000000000000018000000000000' +
        '0f000000680300000018000000000000' +
        '0000000000000000',
    );
    expect(refused(...decodeCpuidEntries(page))).toBe(null);
  });

  it('comes back from its bytes', () => {
    const number = fc.nat(0xffffffff);
    const any = fc.record({
      leaf: number,
      subleaf: number,
      xcr0: fc.bigInt(0n, 2n ** 64n - 1n),
      xss: fc.bigInt(0n, 2n ** 64n - 1n),
      eax: number,
      ebx: number,
      ecx: number,
      edx: number,
      reserved: fc.bigInt(0n, 2n ** 64n - 1n),
    });
    fc.assert(
      fc.property(fc.array(any, { maxLength: 64 }), (entries) => {
        expect(decodeCpuidEntries(encodeCpuidPage(entries))).toEqual(entries);
      }),
    );
  });

  it.each<[string, number, number]>([
    ['with 65 entries', 0, 65],
    ['with billions of entries', 3, 0xff],
    ['with a reserved word', 4, 1],
    ['with another', 15, 0x80],
  ])('%s is refused for its head', (_, at, value) => {
    const page = encodeCpuidPage([]);
    page[at] = value;
    const [head] = CPUID_PAGE_CHECKS;
    expect(head?.holds(page, GENOA)).toBe(true);
    expect(head?.holds(encodeCpuidPage([]), GENOA)).toBe(false);
    expect(() => decodeCpuidEntries(page)).not.toThrow();
  });
});

describe('the firmware lets stand', () => {
  it.each<[string, CpuidEntry]>([
    ['the vendor, whatever it is', entry(0, { eax: 0x10, ebx: 1, ecx: 2, edx: 3 })],
    ['a smaller highest leaf', entry(0, { eax: 0x0d })],
    ['the processor itself', entry(1, { eax: GENOA, ebx: 0x0800, ecx: 0x80000000 })],
    ['an older processor', entry(1, { eax: 0x00830f10, ebx: 0x0800 })],
    ['a hypervisor’s own leaves', entry(0x40000000, { eax: 0xffffffff, ebx: 1, reserved: 9n })],
    ['leaves above the extended ones', entry(0x80010000, { edx: 1 })],
    ['nothing for an unknown leaf', entry(0x1d)],
    ['fewer features', entry(0x80000001, { eax: GENOA })],
  ])('%s', (_, given) => {
    expect(refused(given)).toBe(null);
  });

  it.each(Object.values(CPUID_SAMPLES).filter(({ part }) => /9654|9124|9754/.test(part)))(
    'what $part says of memory encryption',
    ({ fn8000001f }) => {
      expect(refused(entry(0x8000001f, fn8000001f))).toBe(null);
    },
  );
});

describe('the firmware corrects', () => {
  it.each<[string, CpuidEntry, Partial<CpuidEntry>]>([
    ['a newer processor', entry(1, { eax: 0x00b00f00, ebx: 0x800 }), { eax: GENOA }],
    ['reserved bits of a signature', entry(1, { eax: 0xf080ff12, ebx: 0x800 }), { eax: 0x00800f12 }],
    ['another cache line', entry(1, { eax: GENOA, ebx: 0x00102000 }), { ebx: 0x00100800 }],
    ['a feature that there is not', entry(7, { ebx: 0xffffffff }), { ebx: 0xf1bf97a9 }],
    ['half of the speculation bits with another', entry(7, { edx: 0x10000011 }), { edx: 0 }],
    ['state without x87', entry(0x0d, { eax: 4, ebx: 0x340 }), { eax: 7 }],
    ['an unknown leaf', entry(0x8000001c, { eax: 1, edx: 2 }), { eax: 0, edx: 0 }],
    ['an unknown sub-leaf', entry(0x04, { subleaf: 1, eax: 1 }), { eax: 0 }],
    [
      'address sizes field by field',
      entry(0x80000008, { eax: 0x3a36, edx: 0x20009 }),
      { eax: 0x3934, edx: 0x10007 },
    ],
    ['a Turin’s features', entry(0x8000001f, { eax: 0xcffffffb, ebx: 0x41b3 }), { eax: 0x030ffffb }],
    ['five VMPLs', entry(0x8000001f, { ebx: 0x5033 }), { ebx: 0x4033 }],
  ])('%s', (_, given, corrected) => {
    expect(refused(given)).toEqual([{ ...given, ...corrected }]);
  });

  it('the position of the C-bit, though only by adding to it', () => {
    expect(refused(entry(0x8000001f, { ebx: 46 }))).toEqual([entry(0x8000001f, { ebx: 46 | 51 })]);
    expect(refused(entry(0x8000001f, { ebx: 0x41b3 ^ 1 }))).toEqual([entry(0x8000001f, { ebx: 0x4033 })]);
  });

  it('the size of the XSAVE area to what XCR0 asks for', () => {
    const size = (xcr0: bigint, ebx: number) => refused(entry(0x0d, { xcr0, eax: 3, ebx }));
    for (const [xcr0, right] of [
      [0x3n, 0x240],
      [0x7n, 0x340],
      [0x27n, 0x380],
      [0xe7n, 0x980],
      [0x67n, 0x580],
      [0x2e7n, 0x988],
    ] as const) {
      expect(size(xcr0, right)).toBe(null);
      expect(size(xcr0, right + 8)?.[0]?.ebx).toBe(right);
    }
  });

  it('the size of the compacted area with IA32_XSS', () => {
    const size = (xcr0: bigint, xss: bigint, ebx: number) =>
      refused(entry(0x0d, { subleaf: 1, xcr0, xss, ebx }));
    expect(size(0x2e7n, 0x1800n, 0x240 + 0x100 + 0x40 + 0x200 + 0x400 + 8 + 0x28)).toBe(null);
    expect(size(0x3n, 0x800n, 0)?.[0]?.ebx).toBe(0x250);
  });

  it('nothing, and refuses all the same, when a reserved field of an entry is set', () => {
    const given = entry(0, { reserved: 1n });
    expect(refused(given)).toEqual([given]);
  });

  it('and says where, what it was and what it must be', () => {
    const entries = [entry(0), entry(0x06, { ecx: 3 })];
    expect(cpuidCorrections(entries, GENOA)).toEqual([
      {
        entry: 1,
        leaf: 6,
        subleaf: 0,
        register: 'ecx',
        given: 3,
        corrected: 1,
        policy: 'zero but for bits 0',
      },
    ]);
  });
});

it('a corrected page is accepted, but for the position of the C-bit', () => {
  const leaf = fc.oneof(
    fc.nat(0x20),
    fc.nat(0x30).map((low) => 0x80000000 + low),
  );
  const register = fc.oneof(fc.constant(0), fc.nat(0xffffffff));
  const given = fc
    .record({
      leaf,
      subleaf: fc.nat(12),
      xcr0: fc.bigInt(0n, 0x3ffn),
      xss: fc.bigInt(0n, 0x1fffn),
      eax: register,
      ebx: register,
      ecx: register,
      edx: register,
      reserved: fc.constant(0n),
    })
    .filter((of) => of.leaf !== 0x8000001f);
  fc.assert(
    fc.property(fc.array(given, { maxLength: 8 }), (entries) => {
      const after = refused(...entries) ?? entries;
      expect(refused(...after)).toBe(null);
      for (const [i, { leaf: of, subleaf }] of entries.entries())
        if (leafPolicy(of, subleaf) === null) expect(after[i]).toEqual(entries[i]);
    }),
    { numRuns: 300 },
  );
});
