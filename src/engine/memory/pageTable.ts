import { HUGE_PAGE_SIZE, LARGE_PAGE_SIZE, PAGE_SIZE } from '../core/address';
import type { Rule } from '../core/fault';

/**
 * Long-mode page tables, four levels, as bits: APM vol. 2 §5.3 (host and guest), §15.25 (nested tables use the same
 * format). Entries are 64-bit and little-endian. Pages of 4 KiB, 2 MiB and (for the host's direct map) 1 GiB.
 */
export const ENTRY = {
  present: 1n << 0n,
  writable: 1n << 1n,
  user: 1n << 2n,
  accessed: 1n << 5n,
  dirty: 1n << 6n,
  large: 1n << 7n,
  noExecute: 1n << 63n,
} as const;

/** Present, writable, user, and accessed and dirty set by software in advance, so that a walk writes nothing (modelled). */
export const TABLE_BITS = ENTRY.present | ENTRY.writable | ENTRY.user | ENTRY.accessed;
export const LEAF_BITS = TABLE_BITS | ENTRY.dirty;

export const PAGING_RULES = {
  notPresent: {
    id: 'paging.not-present',
    says: 'A translation needs a present entry at every level.',
    source: 'APM vol. 2 §5.4.1, bit 0 (P)',
    standing: 'published',
  },
  reserved: {
    id: 'paging.reserved',
    says: 'Address bits beyond the physical width, which memory encryption reduces, and those below the size of a large page are reserved and must be 0.',
    source: 'APM vol. 2 §5.4.1, §5.3.3 to §5.3.5, §15.34.6',
    standing: 'published',
  },
  readOnly: {
    id: 'paging.read-only',
    says: 'A write needs the writable bit at every level.',
    source: 'APM vol. 2 §5.6.2, bit 1 (R/W)',
    standing: 'published',
  },
  outside: {
    id: 'paging.outside-memory',
    says: 'A table of the walk lies where no memory answers.',
    source: 'APM vol. 2 §5.4, §7.8',
    standing: 'published',
  },
  depth: {
    id: 'paging.depth',
    says: 'Four levels of tables translate 48 bits.',
    source: 'APM vol. 2 §15.25.3, §5.3.1',
    standing: 'published',
  },
  cBit: {
    id: 'paging.c-bit',
    says: 'The C-bit of an entry is no part of the address: in a leaf it chooses encryption for the data, above it for the next table.',
    source: 'APM vol. 2 §15.34.6, §7.10.3',
    standing: 'published',
  },
} as const satisfies Record<string, Rule>;

/** Which bits of an entry are the address, which is C and which are reserved on this processor. */
export interface EntryFormat {
  /** Bits 12 and up that form the address. */
  readonly addressMask: bigint;
  /** The C-bit, or 0 where it has no meaning. */
  readonly cMask: bigint;
  readonly reservedMask: bigint;
}

/** Bits 51:12, where an entry keeps an address. */
export const ADDRESS_BITS = ((1n << 52n) - 1n) ^ 0xfffn;

const formats = new Map<number, EntryFormat>();

/**
 * @param width address bits that exist (after the reduction for system addresses)
 * @param cBit position of the C-bit, or null when memory encryption is off
 */
export function entryFormat(width: number, cBit: number | null): EntryFormat {
  const name = width * 64 + (cBit ?? 0);
  const known = formats.get(name);
  if (known) return known;
  const cMask = cBit === null ? 0n : 1n << BigInt(cBit);
  const addressMask = ((1n << BigInt(width)) - 1n) & ADDRESS_BITS & ~cMask;
  const format = { addressMask, cMask, reservedMask: ADDRESS_BITS & ~addressMask & ~cMask };
  formats.set(name, format);
  return format;
}

export const makeEntry = (address: number, bits: bigint, c: boolean, format: EntryFormat): bigint =>
  (BigInt(address) & format.addressMask) | bits | (c ? format.cMask : 0n);

/** Bytes that an entry at this level maps or spans: level 4 is the root. */
export const levelSpan = (level: number): number => PAGE_SIZE * 512 ** (level - 1);

export const levelIndex = (address: number, level: number): number =>
  Math.floor(address / levelSpan(level)) % 512;

export const isLeaf = (raw: bigint, level: number): boolean =>
  level === 1 || (level <= 3 && (raw & ENTRY.large) !== 0n);

export const leafSize = (level: number): number =>
  level === 1 ? PAGE_SIZE : level === 2 ? LARGE_PAGE_SIZE : HUGE_PAGE_SIZE;

/** One entry that a walk has read. */
export interface WalkStep {
  readonly table: 'host' | 'guest' | 'nested';
  readonly level: number;
  readonly index: number;
  /** SPA of the entry. */
  readonly address: number;
  /** GPA of the entry of a guest table; the GPA being translated for a nested one; null for the host. */
  readonly gpa: number | null;
  readonly raw: bigint;
  /** Selector under which the entry was read. */
  readonly key: number;
  /** C-bit of the entry as this walk understands it. */
  readonly c: boolean;
  readonly decision: string;
}

/** Why a walk stopped; level and entry where it read one. */
export interface WalkStop {
  readonly rule: Rule;
  readonly level?: number;
  readonly raw?: bigint;
}

/** Where a four-level walk ends. */
export interface Leaf {
  readonly address: number;
  readonly size: number;
  readonly c: boolean;
  readonly writable: boolean;
}

export type WalkEnd = Leaf | WalkStop;

export const isStop = (end: WalkEnd): end is WalkStop => 'rule' in end;

export interface EntryRead {
  readonly raw: bigint;
  /** SPA from which it came, and the key. */
  readonly address: number;
  readonly key: number;
}

/** Bytes that four levels translate. */
export const WALK_REACH = 2 ** 48;

/**
 * Bits that must be zero whatever the processor: PS in the root (APM vol. 2 §5.3.3), and in a large page's entry the
 * address bits below its size, but for PAT (§5.3.4, §5.3.5).
 */
function mustBeZero(raw: bigint, level: number): bigint {
  if (level === 4) return ENTRY.large;
  return level > 1 && isLeaf(raw, level) ? BigInt(leafSize(level) - 1) & ~0x1fffn : 0n;
}

/**
 * Walks four levels. `read` fetches the entry at an address of the table's own address space (SPA for host and nested
 * tables, GPA for guest tables), given the C-bit that the parent carried; null where nothing answers.
 */
export function walkTables(
  table: WalkStep['table'],
  root: number,
  rootC: boolean,
  virtual: number,
  format: EntryFormat,
  read: (address: number, parentC: boolean) => EntryRead | null,
  steps: WalkStep[],
): WalkEnd {
  if (virtual >= WALK_REACH) return { rule: PAGING_RULES.depth };
  let base = root;
  let parentC = rootC;
  let writable = true;
  for (let level = 4; level >= 1; level--) {
    const index = levelIndex(virtual, level);
    const at = base + index * 8;
    const entry = read(at, parentC);
    if (!entry) return { rule: PAGING_RULES.outside, level };
    const { raw, address, key } = entry;
    const c = (raw & format.cMask) !== 0n;
    const gpa = table === 'guest' ? at : table === 'nested' ? virtual : null;
    const record = (decision: string) =>
      void steps.push({ table, level, index, address, gpa, raw, key, c, decision });
    if ((raw & ENTRY.present) === 0n) {
      record('P = 0: not present');
      return { rule: PAGING_RULES.notPresent, level, raw };
    }
    if ((raw & (format.reservedMask | mustBeZero(raw, level))) !== 0n) {
      record('a reserved bit is set');
      return { rule: PAGING_RULES.reserved, level, raw };
    }
    writable &&= (raw & ENTRY.writable) !== 0n;
    const target = Number(raw & format.addressMask);
    if (isLeaf(raw, level)) {
      const size = leafSize(level);
      const page = target - (target % size);
      record(`page of ${sizeName(size)} at 0x${page.toString(16)}, C = ${c ? 1 : 0}`);
      return { address: page + (virtual % size), size, c, writable };
    }
    record(`next table at 0x${target.toString(16)}${c ? ', C = 1' : ''}`);
    base = target;
    parentC = c;
  }
  throw new Error('a walk passed its last level');
}

export const sizeName = (size: number): string =>
  size === PAGE_SIZE ? '4 KiB' : size === LARGE_PAGE_SIZE ? '2 MiB' : '1 GiB';
