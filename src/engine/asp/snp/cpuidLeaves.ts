import {
  all,
  anything,
  atMost,
  exactly,
  fieldAtMost,
  fieldExactly,
  only,
  type RegisterPolicy,
} from './cpuidPolicy';
import {
  areaSize,
  compactedSize,
  memoryEncryption,
  notNewer,
  speculationBits,
  stateBits,
} from './cpuidSpecial';

/** What the firmware lets stand in the four registers of a leaf. */
export type LeafPolicy = readonly [
  eax: RegisterPolicy,
  ebx: RegisterPolicy,
  ecx: RegisterPolicy,
  edx: RegisterPolicy,
];

const zero = exactly(0);
const ANY: LeafPolicy = [anything, anything, anything, anything];

/** What the firmware knows nothing of, a guest is told nothing of. */
const UNLISTED: LeafPolicy = [zero, zero, zero, zero];

/** A part of the XSAVE area of fixed size and place. */
const state = (size: number, offset: number, flags = zero): LeafPolicy => [
  exactly(size),
  exactly(offset),
  flags,
  zero,
];

const ALIGNED = only('0-1');
const TOPOLOGY: LeafPolicy = [only('0-4'), only('0-15'), only('0-15'), anything];
const CACHE: LeafPolicy = [only('0-9 14-25'), anything, anything, only('0-1')];
const BANDWIDTH: LeafPolicy = [anything, zero, zero, anything];

type Row = readonly [leaf: number, subleaf: number, ...policy: LeafPolicy];

/**
 * The policy of the published firmware of 4th-generation EPYC, by the groups of AMD’s Processor Programming Reference
 * (AMD-ASPFW cpuid_lookup.c, cpuid_lookup.h). Other generations have other bits.
 */
const ROWS: readonly Row[] = [
  [0x00, 0, atMost(0x10), anything, anything, anything],
  [
    0x01,
    0,
    notNewer,
    all(fieldExactly(8, 15, 8), only('8-31')),
    only('0-1 3 9 12-13 17 19-23 25-31'),
    only('0-9 11-17 19 23-26 28'),
  ],
  [0x02, 0, ...ANY],
  [0x04, 0, ...ANY],
  [0x05, 0, only('0-15'), only('0-15'), only('0-1'), only('0-7')],
  [0x06, 0, only('2'), zero, only('0'), zero],
  [0x07, 0, atMost(1), only('0 3 5 7-10 12 15-21 23-24 28-31'), only('1-4 6-12 14 16 22'), speculationBits],
  [0x07, 1, only('5'), zero, zero, zero],
  [0x0b, 0, ...TOPOLOGY],
  [0x0b, 1, ...TOPOLOGY],
  [0x0b, 2, ...TOPOLOGY],
  [0x0d, 0, stateBits, areaSize, anything, zero],
  [0x0d, 1, only('0-3'), compactedSize, only('11-12'), zero],
  [0x0d, 2, ...state(0x100, 0x240)],
  [0x0d, 5, ...state(0x40, 0x340, ALIGNED)],
  [0x0d, 6, ...state(0x200, 0x380, ALIGNED)],
  [0x0d, 7, ...state(0x400, 0x580, ALIGNED)],
  [0x0d, 9, ...state(0x8, 0x980)],
  [0x0d, 11, ...state(0x10, 0, exactly(1))],
  [0x0d, 12, ...state(0x18, 0, exactly(1))],
  [0x0f, 0, zero, anything, zero, only('1')],
  [0x0f, 1, only('0-8'), anything, anything, only('0-2')],
  [0x10, 0, zero, only('1-2'), zero, zero],
  [0x10, 1, only('0-4'), anything, only('2'), only('0-15')],
  [0x8000_0000, 0, atMost(0x8000_0028), anything, anything, anything],
  [
    0x8000_0001,
    0,
    notNewer,
    only('28-31'),
    only('0-10 12-13 17 22-24 26 28-30'),
    only('0-9 11-17 20 22-27 29'),
  ],
  [0x8000_0002, 0, ...ANY],
  [0x8000_0003, 0, ...ANY],
  [0x8000_0004, 0, ...ANY],
  [0x8000_0005, 0, ...ANY],
  [0x8000_0006, 0, anything, anything, anything, only('0-15 18-31')],
  [0x8000_0007, 0, zero, only('0-1 3-5'), anything, only('0 3-4 7-10 13-14')],
  [
    0x8000_0008,
    0,
    all(fieldAtMost(0, 7, 52), fieldAtMost(8, 15, 57), only('0-23')),
    only('0-4 6 8-9 12-15 17-21 23-24 27-30'),
    only('0-7 12-17'),
    all(fieldAtMost(0, 15, 7), fieldAtMost(16, 23, 1), only('0-23')),
  ],
  [0x8000_000a, 0, only('0-7'), anything, zero, only('0-7 10-13 15-21 23-28')],
  [0x8000_0019, 0, anything, anything, zero, zero],
  [0x8000_001a, 0, only('0-2'), zero, zero, zero],
  [0x8000_001b, 0, only('0-9 11'), zero, zero, zero],
  [0x8000_001d, 0, ...CACHE],
  [0x8000_001d, 1, ...CACHE],
  [0x8000_001d, 2, ...CACHE],
  [0x8000_001d, 3, ...CACHE],
  [0x8000_001d, 4, only('0-3'), zero, anything, zero],
  [0x8000_001e, 0, anything, only('0-15'), only('0-10'), zero],
  [0x8000_001f, 0, only('0-19 24-25'), memoryEncryption, anything, anything],
  [0x8000_0020, 0, zero, only('1-4'), zero, zero],
  [0x8000_0020, 1, ...BANDWIDTH],
  [0x8000_0020, 2, ...BANDWIDTH],
  [0x8000_0020, 3, zero, anything, only('0-6'), zero],
  [0x8000_0021, 0, only('0-3 6-11 13 17-18 27-28'), only('0-11'), zero, zero],
  [0x8000_0022, 0, only('0-2'), all(fieldAtMost(0, 3, 6), fieldAtMost(4, 9, 16)), anything, zero],
  [0x8000_0023, 0, only('0'), anything, zero, zero],
  [0x8000_0024, 0, atMost(1), only('0'), only('0-1'), zero],
  [0x8000_0024, 1, only('0-8'), zero, zero, zero],
  [0x8000_0026, 0, ...ANY],
  [0x8000_0026, 1, ...ANY],
  [0x8000_0026, 2, ...ANY],
  [0x8000_0026, 3, ...ANY],
];

const nameOf = (leaf: number, subleaf: number): string => `${leaf}.${subleaf}`;

const LEAVES: ReadonlyMap<string, LeafPolicy> = new Map(
  ROWS.map(([leaf, subleaf, ...policy]) => [nameOf(leaf, subleaf), policy]),
);

/** The policy for a leaf that the firmware checks at all; null for the others, such as a hypervisor’s own from 4000_0000h. */
export function leafPolicy(leaf: number, subleaf: number): LeafPolicy | null {
  const standard = leaf <= 0xffff;
  const extended = leaf >= 0x8000_0000 && leaf <= 0x8000_ffff;
  return standard || extended ? (LEAVES.get(nameOf(leaf, subleaf)) ?? UNLISTED) : null;
}
