import { readU64, u64 } from '../../core/bytes';
import type { RmpEntry } from '../../rmp/entry';
import { ENTRY_BYTES, packEntry, unpackEntry } from '../../rmp/entry';
import { metadataGpa } from '../../rmp/pageState';

/** What is kept of a page that was swapped out, 64 bytes in a metadata page (AMD-ASPFW sev_rmp.h: snp_metadata_page). */
export const METADATA_BYTES = 64;

const AT = { softwareData: 0x00, iv: 0x08, tag: 0x10, word: 0x20, upper: 0x28 } as const;
export const TAG_BYTES = 16;

/** Bits of the word at 0x20; a GPA lies in bits 63:12. */
const BITS = { valid: 1n, validated: 2n, vmsa: 4n, metadata: 8n, large: 16n } as const;
const GPA_MASK = ~0xfffn & ((1n << 64n) - 1n);

export const SWAP_TYPES = { data: 0, metadata: 1, vmsa: 2 } as const;
export type SwapType = keyof typeof SWAP_TYPES;

export interface MetadataEntry {
  readonly softwareData: bigint;
  readonly iv: bigint;
  /** 16 bytes. */
  readonly tag: Uint8Array;
  readonly valid: boolean;
  /** The guest had accepted the page. */
  readonly validated: boolean;
  readonly vmsa: boolean;
  readonly metadata: boolean;
  readonly large: boolean;
  /** Bits 63:12; all ones for a metadata page. */
  readonly gpa: bigint;
  /** The upper half of the page’s RMP entry, with its permissions: 8 bytes. */
  readonly upper: Uint8Array;
}

export function encodeMetadata(entry: MetadataEntry): Uint8Array {
  const out = new Uint8Array(METADATA_BYTES);
  const bit = (name: keyof typeof BITS) => (entry[name] ? BITS[name] : 0n);
  const word = bit('valid') | bit('validated') | bit('vmsa') | bit('metadata') | bit('large');
  out.set(u64(entry.softwareData), AT.softwareData);
  out.set(u64(entry.iv), AT.iv);
  out.set(entry.tag, AT.tag);
  out.set(u64((entry.gpa & GPA_MASK) | word), AT.word);
  out.set(entry.upper, AT.upper);
  return out;
}

/** @param bytes 64 bytes. */
export function decodeMetadata(bytes: Uint8Array): MetadataEntry {
  const word = readU64(bytes, AT.word);
  const bit = (name: keyof typeof BITS) => (word & BITS[name]) !== 0n;
  return {
    softwareData: readU64(bytes, AT.softwareData),
    iv: readU64(bytes, AT.iv),
    tag: bytes.slice(AT.tag, AT.tag + TAG_BYTES),
    valid: bit('valid'),
    validated: bit('validated'),
    vmsa: bit('vmsa'),
    metadata: bit('metadata'),
    large: bit('large'),
    gpa: word & GPA_MASK,
    upper: bytes.slice(AT.upper, AT.upper + 8),
  };
}

/** What kind of page an entry is about; null for bits that contradict each other. */
export function swapType({ metadata, vmsa }: MetadataEntry): SwapType | null {
  if (metadata) return vmsa ? null : 'metadata';
  return vmsa ? 'vmsa' : 'data';
}

/** The upper half of an RMP entry, bytes 8 to 15. */
export const upperHalf = (entry: RmpEntry): Uint8Array => packEntry(entry).slice(ENTRY_BYTES / 2);

/** An RMP entry with another upper half, and a GPA as a metadata entry has it. */
export function restored(entry: RmpEntry, { upper, gpa }: Pick<MetadataEntry, 'upper' | 'gpa'>): RmpEntry {
  const bytes = packEntry(entry);
  bytes.set(upper, ENTRY_BYTES / 2);
  return { ...unpackEntry(bytes), gpa: Number(gpa & GPA_FIELD) };
}

/** Bits 50:12, what an RMP entry has room for. */
const GPA_FIELD = 0x7_ffff_ffff_f000n;

/** Is a metadata page’s GPA field that of a guest? Only the number of the context’s page counts, not the mark. */
export const belongsTo = ({ gpa }: RmpEntry, context: number): boolean => gpa === metadataGpa(context);
