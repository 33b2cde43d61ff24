/**
 * The bits of a page-table entry as APM vol. 2 §5.3 places them, with the C-bit where this machine's CPUID says it is.
 * For showing only: the engine's walker decides on the same bits by itself.
 */
export interface EntryBits {
  readonly raw: bigint;
  readonly present: boolean;
  readonly writable: boolean;
  readonly user: boolean;
  readonly accessed: boolean;
  readonly dirty: boolean;
  /** Bit 7: at level 2 or 3 the entry maps a large page instead of pointing to a table. */
  readonly large: boolean;
  readonly noExecute: boolean;
  readonly c: boolean;
  /** The physical address in the entry, without the C-bit. */
  readonly address: number;
}

const ADDRESS_BITS = 0x000f_ffff_ffff_f000n;
const bit = (raw: bigint, position: number): boolean => ((raw >> BigInt(position)) & 1n) === 1n;

export function entryBits(raw: bigint, cBit: number): EntryBits {
  return {
    raw,
    present: bit(raw, 0),
    writable: bit(raw, 1),
    user: bit(raw, 2),
    accessed: bit(raw, 5),
    dirty: bit(raw, 6),
    large: bit(raw, 7),
    noExecute: bit(raw, 63),
    c: bit(raw, cBit),
    address: Number(raw & ADDRESS_BITS & ~(1n << BigInt(cBit))),
  };
}

/** The short flags of an entry as the field writes them, for example `P W U A NX`. */
export function entryFlags(entry: EntryBits): string {
  const flags: [boolean, string][] = [
    [entry.present, 'P'],
    [entry.writable, 'W'],
    [entry.user, 'U'],
    [entry.accessed, 'A'],
    [entry.dirty, 'D'],
    [entry.large, 'PS'],
    [entry.noExecute, 'NX'],
  ];
  return flags
    .filter(([set]) => set)
    .map(([, name]) => name)
    .join(' ');
}

/** What one of the 64 bits is for; runs of equal kinds are drawn as one field. */
export type BitKind = 'nx' | 'c' | 'address' | 'flag' | 'other';

const FLAGS = new Set([0, 1, 2, 3, 4, 5, 6, 7, 8]);

export function bitKind(position: number, cBit: number): BitKind {
  if (position === cBit) return 'c';
  if (position === 63) return 'nx';
  if (position >= 12 && position <= 51) return 'address';
  return FLAGS.has(position) ? 'flag' : 'other';
}

/** Neighbouring bits of an entry that belong together, with their digits. */
export interface BitRun {
  readonly kind: BitKind;
  readonly high: number;
  readonly low: number;
  readonly digits: string;
}

/** All 64 bits from the most significant down, as runs of one kind. */
export function bitRuns(raw: bigint, cBit: number): BitRun[] {
  const digits = BigInt.asUintN(64, raw).toString(2).padStart(64, '0');
  const runs: BitRun[] = [];
  for (let position = 63; position >= 0; position--) {
    const kind = bitKind(position, cBit);
    const digit = digits[63 - position] ?? '0';
    const last = runs.at(-1);
    if (last?.kind === kind) runs[runs.length - 1] = { ...last, low: position, digits: last.digits + digit };
    else runs.push({ kind, high: position, low: position, digits: digit });
  }
  return runs;
}

/** A number in hexadecimal with at least `digits` digits, `0x` in front. */
export const hexPadded = (value: number | bigint, digits: number): string =>
  `0x${value.toString(16).padStart(digits, '0')}`;
