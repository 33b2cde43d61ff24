import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromHex, toHex } from '../../core/bytes';
import vectors from '../image/vectors/launch-digest.json';
import { EMPTY_LAUNCH_DIGEST, extendDigest, type LaunchRun, launchDigest, launchSteps } from './launchDigest';
import {
  encodePageInfo,
  NO_PERMISSIONS,
  PAGE_CONTENTS,
  PAGE_TYPES,
  type PageRecord,
  type PageType,
  pageTypeOf,
} from './pageInfo';

const sha384 = (...parts: Uint8Array[]) =>
  new Uint8Array(createHash('sha384').update(Buffer.concat(parts)).digest());

/** The page that a case gives by a formula, `byte[j] = (a*j + b + (j>>8)) mod 256`. */
function pageOf(formula: string | null): Uint8Array {
  const [, a, b] = /\((\d+)\*j \+ (\d+) \+ \(j>>8\)\) mod 256/.exec(formula ?? '') ?? [];
  return Uint8Array.from({ length: 4096 }, (_, j) => Number(a) * j + Number(b) + (j >> 8));
}

describe('PAGE_INFO', () => {
  it.each(vectors.page_info_unit)('of type $page_type at $gpa, permissions $vmpl1_perms', (c) => {
    const type = pageTypeOf(c.page_type) ?? 'ZERO';
    const contents = PAGE_CONTENTS[type](pageOf(c.page));
    expect(toHex(contents)).toBe(c.contents);
    const record: PageRecord = {
      type,
      gpa: Number(c.gpa),
      contents,
      permissions: [c.vmpl1_perms, c.vmpl2_perms, c.vmpl3_perms],
      imi: c.imi === 1,
    };
    const before = fromHex(c.ld_before);
    expect(toHex(encodePageInfo(before, record))).toBe(c.page_info_hex);
    expect(toHex(extendDigest(before, record))).toBe(c.ld_after);
  });

  it('has a type for 1 to 6 only', () => {
    expect([0, 1, 2, 3, 4, 5, 6, 7].map(pageTypeOf)).toEqual([null, ...Object.keys(PAGE_TYPES), null]);
  });
});

const TYPES = Object.keys(PAGE_TYPES) as PageType[];
const page = fc.uint8Array({ minLength: 4096, maxLength: 4096, size: 'max' });

describe('what of a page is measured', () => {
  it.each(TYPES)('%s', (type) => {
    fc.assert(
      fc.property(page, fc.nat(4095), fc.integer({ min: 1, max: 255 }), (bytes, at, bits) => {
        const other = bytes.slice();
        other[at] = (other[at] ?? 0) ^ bits;
        const tsc = at >= 0x2f0 && at < 0x300;
        const counts = type === 'NORMAL' || (type === 'VMSA' && !tsc);
        const [one, two] = [PAGE_CONTENTS[type](bytes), PAGE_CONTENTS[type](other)];
        expect(toHex(one) !== toHex(two)).toBe(counts);
        expect(one).toHaveLength(48);
      }),
      { numRuns: 30 },
    );
  });

  it('leaves the TSC fields of a VMSA out, and leaves the page as it is', () => {
    const vmsa = new Uint8Array(4096).fill(0xff);
    PAGE_CONTENTS.VMSA(vmsa);
    expect(vmsa.every((byte) => byte === 0xff)).toBe(true);
    const expected = vmsa.slice().fill(0, 0x2f0, 0x300);
    expect(PAGE_CONTENTS.VMSA(vmsa)).toEqual(sha384(expected));
  });
});

const run = (type: PageType, gpa: number, pages: number, bytes: Uint8Array | null = null): LaunchRun => ({
  what: type,
  type,
  gpa,
  pages,
  bytes,
});

describe('the film strip', () => {
  const bytes = Uint8Array.from({ length: 3 * 4096 }, (_, i) => i >> 8);
  const runs = [
    run('NORMAL', 0xffff_d000, 3, bytes),
    run('ZERO', 0x80_0000, 2),
    run('SECRETS', 0x80_d000, 1),
  ];
  const steps = [...launchSteps(runs)];

  it('has a picture a page, in order', () => {
    expect(steps.map(({ type, gpa }) => [type, gpa])).toEqual([
      ['NORMAL', 0xffff_d000],
      ['NORMAL', 0xffff_e000],
      ['NORMAL', 0xffff_f000],
      ['ZERO', 0x80_0000],
      ['ZERO', 0x80_1000],
      ['SECRETS', 0x80_d000],
    ]);
    expect(steps[1]?.contents).toEqual(sha384(bytes.subarray(4096, 8192)));
    expect(steps.every(({ permissions, imi }) => permissions === NO_PERMISSIONS && !imi)).toBe(true);
  });

  it('chains each digest into the next record', () => {
    let digest = new Uint8Array(48);
    for (const step of steps) {
      digest = sha384(encodePageInfo(digest, step));
      expect(step.digestAfter).toEqual(digest);
    }
    expect(launchDigest(runs)).toEqual(digest);
  });

  it('can be cut anywhere and goes on from there', () => {
    fc.assert(
      fc.property(fc.nat(runs.length), (cut) => {
        const before = launchDigest(runs.slice(0, cut));
        expect(launchDigest(runs.slice(cut), before)).toEqual(launchDigest(runs));
      }),
    );
  });

  it('of nothing is the empty digest', () => {
    expect(launchDigest([])).toEqual(EMPTY_LAUNCH_DIGEST);
  });

  it('pins type, place, bytes and order of every page', () => {
    const record = fc.record({
      type: fc.constantFrom(...TYPES),
      gpa: fc.nat(0xfffff).map((frame) => frame * 4096),
      fill: fc.nat(3),
    });
    type Made = { type: PageType; gpa: number; fill: number };
    const made = (list: readonly Made[]) =>
      list.map(({ type, gpa, fill }) => run(type, gpa, 1, new Uint8Array(4096).fill(fill)));
    const seen = (list: readonly Made[]) =>
      JSON.stringify(
        list.map(({ type, gpa, fill }) => [type, gpa, type === 'NORMAL' || type === 'VMSA' ? fill : 0]),
      );
    fc.assert(
      fc.property(fc.array(record, { maxLength: 4 }), fc.array(record, { maxLength: 4 }), (a, b) => {
        const equal = toHex(launchDigest(made(a))) === toHex(launchDigest(made(b)));
        expect(equal).toBe(seen(a) === seen(b));
      }),
    );
    fc.assert(
      fc.property(fc.array(record, { minLength: 2, maxLength: 5 }), (list) => {
        const turned = list.toReversed();
        const equal = toHex(launchDigest(made(list))) === toHex(launchDigest(made(turned)));
        expect(equal).toBe(seen(list) === seen(turned));
      }),
    );
  });

  it('hashes the VMSA of many vCPUs as it does one after another', () => {
    const [first, other] = [new Uint8Array(4096).fill(1), new Uint8Array(4096).fill(2)];
    const vmsas = [first, other, other, other].map((vmsa) => run('VMSA', 0xffff_ffff_f000, 1, vmsa));
    const copies = vmsas.map((each) => ({ ...each, bytes: each.bytes?.slice() ?? null }));
    expect(launchDigest(vmsas)).toEqual(launchDigest(copies));
  });
});
