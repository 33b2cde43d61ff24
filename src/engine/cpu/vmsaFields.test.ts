import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PAGE_SIZE } from '../core/address';
import { toHex } from '../core/bytes';
import {
  readVmsaField,
  readVmsaSegment,
  SEGMENT_PARTS,
  type SegmentPart,
  VMSA_CHECKED,
  VMSA_FIELDS,
  type VmsaField,
  type VmsaNumber,
  type VmsaSegment,
  writeVmsaField,
  writeVmsaSegment,
} from './vmsaFields';

const names = Object.keys(VMSA_FIELDS) as VmsaField[];
const kindOf = (name: VmsaField): string => {
  const { kind }: { readonly kind?: string; readonly size: number } = VMSA_FIELDS[name];
  return kind ?? 'number';
};
const numbers = names.filter((name) => kindOf(name) === 'number') as VmsaNumber[];
const segments = names.filter((name) => kindOf(name) === 'segment') as VmsaSegment[];

describe('the layout of a VMSA', () => {
  it('has its fields in order, none over another, all below the end of what is checked', () => {
    let end = 0;
    for (const name of names) {
      const { offset, size } = VMSA_FIELDS[name];
      expect([name, offset >= end]).toEqual([name, true]);
      end = offset + size;
    }
    expect(end).toBe(VMSA_CHECKED);
  });

  it('has numbers at their natural places', () => {
    for (const name of numbers) {
      const { offset, size } = VMSA_FIELDS[name];
      expect([name, offset % size]).toEqual([name, 0]);
    }
  });

  // APM vol. 2 table B-4: RAX lies with the fields that the VMCB has too, RCX begins the others, and RSP is not among them.
  it.each([
    ['rax', 0x1f8],
    ['rcx', 0x308],
    ['rsp', 0x1d8],
    ['rip', 0x178],
    ['vmpl', 0xca],
    ['sevFeatures', 0x3b0],
    ['xcr0', 0x3e8],
    ['checksumPointer', 0x388],
  ] as const)('%s lies at 0x%x', (name, offset) => {
    expect(VMSA_FIELDS[name].offset).toBe(offset);
  });
});

describe('reading and writing', () => {
  it('gives back what was written, and touches nothing else', () => {
    fc.assert(
      fc.property(fc.constantFrom(...numbers), fc.bigInt(0n, 2n ** 64n - 1n), (name, value) => {
        const page = new Uint8Array(PAGE_SIZE).fill(0xa5);
        const { offset, size } = VMSA_FIELDS[name];
        writeVmsaField(page, name, value);
        expect(readVmsaField(page, name)).toBe(BigInt.asUintN(8 * size, value));
        page.fill(0xa5, offset, offset + size);
        expect(page.every((byte) => byte === 0xa5)).toBe(true);
      }),
    );
  });

  it('holds the parts of a segment apart', () => {
    const parts = Object.keys(SEGMENT_PARTS) as SegmentPart[];
    fc.assert(
      fc.property(
        fc.constantFrom(...segments),
        fc.tuple(...parts.map((part) => fc.bigInt(0n, 2n ** BigInt(8 * SEGMENT_PARTS[part].size) - 1n))),
        (name, values) => {
          const page = new Uint8Array(PAGE_SIZE);
          for (const [i, part] of parts.entries()) writeVmsaSegment(page, name, part, values[i] ?? 0n);
          expect(parts.map((part) => readVmsaSegment(page, name, part))).toEqual(values);
        },
      ),
    );
  });

  it('writes a reset CS as Linux’s struct vmcb_seg has it', () => {
    const page = new Uint8Array(PAGE_SIZE);
    writeVmsaSegment(page, 'cs', 'selector', 0xf000n);
    writeVmsaSegment(page, 'cs', 'attributes', 0x9bn);
    writeVmsaSegment(page, 'cs', 'limit', 0xffffn);
    writeVmsaSegment(page, 'cs', 'base', 0xffff0000n);
    expect(toHex(page.subarray(0x10, 0x20))).toBe('00f09b00ffff00000000ffff00000000');
  });
});
