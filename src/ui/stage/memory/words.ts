import { readU64 } from '../../../engine/core/bytes';
import { entryBits, entryFlags, hexPadded } from '../shared/entry';

/** Eight bytes of memory read as a number, and what the number would mean. */
export interface WordRow {
  readonly index: number;
  readonly raw: string;
  readonly meaning: string;
  /** The C-bit is set; null where the word is no page-table entry. */
  readonly c: boolean | null;
  readonly empty: boolean;
}

/** A page as 8-byte words; `cBit` says that it is a page table and where the C-bit sits. */
export function wordRows(bytes: Uint8Array, cBit: number | null): WordRow[] {
  return Array.from({ length: Math.floor(bytes.length / 8) }, (_, index) => {
    const raw = readU64(bytes, 8 * index);
    return {
      index,
      raw: hexPadded(raw, 16),
      empty: raw === 0n,
      ...(cBit === null ? plain(raw) : decoded(raw, cBit)),
    };
  });
}

function plain(raw: bigint): Pick<WordRow, 'meaning' | 'c'> {
  return { meaning: raw === 0n ? '' : raw < 1n << 53n ? raw.toLocaleString('en') : '', c: null };
}

function decoded(raw: bigint, cBit: number): Pick<WordRow, 'meaning' | 'c'> {
  const entry = entryBits(raw, cBit);
  if (!entry.present) return { meaning: raw === 0n ? 'not present' : 'P = 0: not present', c: entry.c };
  return { meaning: `→ ${hexPadded(entry.address, 1)}  ${entryFlags(entry)}`, c: entry.c };
}
