import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { RmpEntry } from '../../rmp/entry';
import { decodeMetadata, encodeMetadata, METADATA_BYTES, restored, swapType } from '../snp/metadata';
import { launchPieces } from './launchPieces';
import { smallImage } from './smallImage';
import { type SnpLaunch, snpLaunchRuns } from './snpLaunch';

const SEED = Number(process.env.FUZZ_SEED ?? 20_260);
const settings = { numRuns: Number(process.env.FUZZ_RUNS ?? 300), seed: SEED };
const MIB = 2 ** 20;
/** Guest memory that sections may name below 4 GiB, in pages: nobody is made to hash more of them. */
const MOST_PAGES = 2 ** 20 + 2 ** 18;

const launch = (image: Uint8Array, fields: Partial<SnpLaunch> = {}): SnpLaunch => ({
  image,
  imageDigest: null,
  kernel: null,
  vcpus: 2,
  vmm: 'QEMU',
  signature: 0,
  features: 1n,
  ...fields,
});

/** Pages that would be measured, or a refusal that says what is wrong. */
function outcomeOf(image: Uint8Array, fields: Partial<SnpLaunch> = {}): number | string {
  const runs = snpLaunchRuns(launch(image, fields));
  if (runs.ok) return runs.value.reduce((sum, { pages }) => sum + pages, 0);
  const { message, rule, name } = runs.fault;
  expect([name, rule.id.length > 0, message.length > 0]).toEqual(['refused', true, true]);
  return message;
}

const word = fc.oneof(
  fc.constantFrom(0, 1, 0xff, 0xfff, 0x1000, 0xffff, 0x7fffffff, 0x80000000, 0xfffff000, 0xffffffff),
  fc.nat(0xffff),
  fc.integer({ min: 0, max: 0xffffffff }),
);

/** A good image in whose last 2 KiB, where all tables are, some words lie. */
const lying = fc
  .array(fc.tuple(fc.nat(0x7ff), fc.constantFrom(1, 2, 4), word), { minLength: 1, maxLength: 6 })
  .map((lies) => {
    const image = smallImage();
    const view = new DataView(image.buffer, image.byteOffset, image.length);
    for (const [back, size, value] of lies) {
      const at = Math.max(0, image.length - back - 4);
      if (size === 1) view.setUint8(at, value & 0xff);
      else if (size === 2) view.setUint16(at, value & 0xffff, true);
      else view.setUint32(at, value, true);
    }
    return image;
  });
const truncated = fc
  .tuple(fc.nat(0x3000), fc.nat(0x3000))
  .map(([from, to]) => smallImage().slice(from, Math.max(from, smallImage().length - to)));
const random = fc.uint8Array({ maxLength: 5000 });

describe('any firmware image', () => {
  const kernel = { kernel: new Uint8Array([1]), initrd: null, append: null };

  it('is measured or refused, and never more of it than a guest has memory', () => {
    fc.assert(
      fc.property(fc.oneof(lying, truncated, random), fc.boolean(), (image, withKernel) => {
        const found = outcomeOf(image, withKernel ? { kernel } : {});
        if (typeof found === 'number') expect(found).toBeLessThanOrEqual(MOST_PAGES);
      }),
      settings,
    );
  });

  it('and so with SEV and SEV-ES', () => {
    fc.assert(
      fc.property(fc.oneof(lying, truncated, random), fc.boolean(), (image, withKernel) => {
        const pieces = launchPieces({
          image,
          kernel: withKernel ? kernel : null,
          vcpus: 1,
          vmm: 'QEMU',
          es: true,
          signature: 0,
        } as never);
        if (!pieces.ok) expect(pieces.fault.message.length).toBeGreaterThan(0);
      }),
      settings,
    );
  });

  it.each([
    ['of zeros', new Uint8Array(64 * MIB)],
    ['of ones', new Uint8Array(64 * MIB).fill(0xff)],
  ])('of 64 MiB, %s, is refused at once', (_, image) => {
    expect(outcomeOf(image)).toMatch(/reset block|table|metadata/i);
  });

  it('of 64 MiB that ends like a good one is taken apart without a copy of it', () => {
    const image = new Uint8Array(64 * MIB);
    const small = smallImage();
    image.set(small, image.length - small.length);
    const runs = snpLaunchRuns(launch(image));
    expect(runs.ok && runs.value[0]?.bytes?.buffer).toBe(image.buffer);
    expect(runs.ok && runs.value[0]?.pages).toBe((64 * MIB) / 4096);
  });
});

describe('any metadata of a swapped page', () => {
  it('is read, and written back as it was where all of its bits mean something', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: METADATA_BYTES, maxLength: METADATA_BYTES }), (bytes) => {
        const entry = decodeMetadata(bytes);
        expect(['data', 'metadata', 'vmsa', null]).toContain(swapType(entry));
        expect(decodeMetadata(encodeMetadata(entry))).toEqual(entry);
        const back: RmpEntry = restored({ assigned: true, asid: 3 } as RmpEntry, entry);
        expect(back.gpa).toBeGreaterThanOrEqual(0);
      }),
      settings,
    );
  });
});
