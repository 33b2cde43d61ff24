import { HUGE_PAGE_SIZE, PAGE_SIZE } from '../core/address';
import { readU32 } from '../core/bytes';
import type { Generation } from '../core/config';
import { ENTRY_BYTES } from './entry';

/**
 * The segmented RMP of Turin: memory is cut into segments of equal size, and a table of segments behind the bookkeeping says
 * where the entries of each lie (APM vol. 2 §15.36.22).
 */

/** CPUID Fn8000_0025: how large segments can be, and for how many of them the processor keeps what it has read. */
export const FN80000025 = {
  eax: { min: { lsb: 0, width: 6 }, max: { lsb: 6, width: 6 } },
  ebx: { cached: { lsb: 0, width: 10 }, hard: { lsb: 10, width: 1 } },
  /** Of parts after Turin, which this machine does not have. */
  edx: { rmpopt: { lsb: 0, width: 1 }, dirty: { lsb: 2, width: 1 } },
} as const;

export interface SegmentCpuid {
  readonly eax: number;
  readonly ebx: number;
}

/** What each generation says there (InstLatx64, the dumps of `CPUID_SAMPLES`); the older ones lack the leaf and say zero. */
const NOTHING: SegmentCpuid = { eax: 0, ebx: 0 };
export const SEGMENT_CPUID: Readonly<Record<Generation, SegmentCpuid>> = {
  naples: NOTHING,
  rome: NOTHING,
  milan: NOTHING,
  genoa: NOTHING,
  turin: { eax: 0xaa4, ebx: 0x410 },
};

/** Sizes as powers of two of bytes: the manual says megabytes, which these values contradict (cpu-and-rmp.md A.3). */
export interface SegmentLimits {
  readonly min: number;
  readonly max: number;
  readonly cached: number;
  /** There can be no more segments than are cached. */
  readonly hard: boolean;
}

const bits = (word: number, { lsb, width }: { readonly lsb: number; readonly width: number }): number =>
  (word >>> lsb) & (2 ** width - 1);

export const segmentLimits = ({ eax, ebx }: SegmentCpuid): SegmentLimits => ({
  min: bits(eax, FN80000025.eax.min),
  max: bits(eax, FN80000025.eax.max),
  cached: bits(ebx, FN80000025.ebx.cached),
  hard: bits(ebx, FN80000025.ebx.hard) === 1,
});

/** Entries of the table of segments, which fills a page. */
export const SEGMENT_ENTRY_BYTES = 8;
const MOST_SEGMENTS = PAGE_SIZE / SEGMENT_ENTRY_BYTES;

export const segmentCount = ({ cached, hard }: SegmentLimits): number => (hard ? cached : MOST_SEGMENTS);

/** Bits of such an entry; 63:52 are reserved. The base is a multiple of 1 MiB, so that its low bits hold the other field. */
export const SEGMENT_FIELDS = {
  covered: { lsb: 0, width: 20, help: 'GiB of the segment that have entries' },
  base: { lsb: 20, width: 32, help: 'SPA of the first entry, bits 51:20' },
} as const;

export interface Segment {
  /** Bytes from the start of the segment that have entries; 0: none has. */
  readonly covered: number;
  readonly base: number;
  /** A reserved bit is set. */
  readonly malformed: boolean;
}

export function unpackSegment(bytes: Uint8Array, offset = 0): Segment {
  const low = readU32(bytes, offset);
  const high = readU32(bytes, offset + 4);
  return {
    covered: bits(low, SEGMENT_FIELDS.covered) * HUGE_PAGE_SIZE,
    base: (high & 0xfffff) * 2 ** 32 + ((low & 0xfff00000) >>> 0),
    malformed: high >>> 20 !== 0,
  };
}

export const segmentIndex = (spa: number, segmentBits: number): number => Math.floor(spa / 2 ** segmentBits);

/** SPA of an entry by its segment; null where the segment has none, and the page is the hypervisor’s. */
export function entryInSegment({ covered, base }: Segment, segmentBits: number, spa: number): number | null {
  const offset = spa % 2 ** segmentBits;
  return offset < covered ? base + Math.floor(offset / PAGE_SIZE) * ENTRY_BYTES : null;
}

/** Bytes of the entries of so many covered bytes: 4 MiB a GiB. */
export const segmentBytes = (covered: number): number => (covered / PAGE_SIZE) * ENTRY_BYTES;
