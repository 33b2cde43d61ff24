import { all, type CpuidEntry, fieldAtMost, only, type RegisterPolicy } from './cpuidPolicy';

/** What the policy says of registers that need more than a list of bits (AMD-ASPFW cpuid_lookup.c). */

const part = (value: number, first: number, bits: number): number =>
  Math.floor(value / 2 ** first) % 2 ** bits;

/** Family, model and stepping as the published firmware adds them up: the extended model is not shifted. */
const generation = (signature: number): readonly number[] => [
  part(signature, 20, 8) + part(signature, 8, 4),
  part(signature, 16, 4) + part(signature, 4, 4),
  part(signature, 0, 4),
];

function isNewer(signature: number, than: number): boolean {
  const own = generation(than);
  const differing = generation(signature)
    .map((number, i) => number - (own[i] ?? 0))
    .find((difference) => difference !== 0);
  return (differing ?? 0) > 0;
}

/** Fn0000_0001 and Fn8000_0001 EAX: a guest may be told of an older processor, never of a newer one. */
export const notNewer: RegisterPolicy = all(
  {
    says: 'the signature of this processor or of an older one',
    left: (value, _, processor) => (isNewer(value, processor) ? processor : value),
  },
  only('0-11 16-27'),
);

const has = (bits: bigint, bit: number): boolean => ((bits >> BigInt(bit)) & 1n) === 1n;

/** XCR0 bits with the XSAVE area that ends behind their state; the highest that is set counts. */
const AREA_ENDS = [
  [9, 0x988],
  [7, 0x980],
  [6, 0x580],
  [5, 0x380],
  [2, 0x340],
] as const;
const LEGACY_AREA = 0x240;

/** Fn0000_000D, sub-leaf 0, EBX: the size of the XSAVE area for the XCR0 of the entry. */
export const areaSize: RegisterPolicy = {
  says: 'the size of the XSAVE area that XCR0 asks for',
  left: (_, { xcr0 }) => AREA_ENDS.find(([bit]) => has(xcr0, bit))?.[1] ?? LEGACY_AREA,
};

/** The same compacted: what each bit of XCR0 and of IA32_XSS adds. */
const XCR0_SIZES = [
  [2, 0x100],
  [5, 0x40],
  [6, 0x200],
  [7, 0x400],
  [9, 0x8],
] as const;
const XSS_SIZES = [
  [11, 0x10],
  [12, 0x18],
] as const;

const sum = (bits: bigint, sizes: readonly (readonly [number, number])[]): number =>
  sizes.reduce((total, [bit, size]) => total + (has(bits, bit) ? size : 0), 0);

/** Fn0000_000D, sub-leaf 1, EBX. */
export const compactedSize: RegisterPolicy = {
  says: 'the size of the compacted XSAVE area that XCR0 and IA32_XSS ask for',
  left: (_, { xcr0, xss }: CpuidEntry) => LEGACY_AREA + sum(xcr0, XCR0_SIZES) + sum(xss, XSS_SIZES),
};

/** Fn0000_000D, sub-leaf 0, EAX: x87 and SSE state are always there. */
export const stateBits: RegisterPolicy = all(
  { says: 'with bits 0-1 set', left: (value) => (value | 3) >>> 0 },
  only('0-2 5-7 9'),
);

/** Fn0000_0007 EDX: when another bit is set the published firmware clears these two as well. */
export const speculationBits: RegisterPolicy = {
  says: 'zero but for bits 4 28',
  left: (value) => ((value & ~0x1000_0010) === 0 ? value : 0),
};

const C_BIT = 51;
const WITHOUT_REDUCTION = ~0xfc0;
/** Bits that are compared exactly: not the reduction (11:6) and not the number of VMPLs (15:12). */
const COMPARED = ~0xffc0;

/**
 * Fn8000_001F EBX: the position of the C-bit, so that no hypervisor can talk a guest out of it. The published firmware
 * refuses another one, but its correction only adds the right bits to the wrong ones.
 */
export const memoryEncryption: RegisterPolicy = all(
  {
    says: `${C_BIT} in bits 0-5`,
    left: (value) => ((value & COMPARED) === C_BIT ? value : ((value & WITHOUT_REDUCTION) | C_BIT) >>> 0),
  },
  fieldAtMost(12, 15, 4),
  only('0-15'),
);
