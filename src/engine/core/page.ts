/**
 * What is known of one page of DRAM, packed into 32 bits so that a million pages fit in 4 MiB and a change to one costs
 * nothing. From bit 0: owner (10), last key (10), last writer (10), shared (1), structure (1).
 */
export interface PageMeta {
  /** See `OWNER_*`; a guest is `OWNER_GUEST + its domain number`. */
  readonly owner: number;
  /** The key under which bytes last reached DRAM: 0 never written, 1 no key, 2 host key, 2 + ASID a guest's key. */
  readonly key: number;
  /** Who last moved bytes into DRAM here: the same numbers as `owner`, plus `WRITER_*`. */
  readonly writer: number;
  /** The owner maps the page with C = 0 while it is a guest's. */
  readonly shared: boolean;
  /** A structure the hardware reads: page table, nested table, VMCB. */
  readonly structure: boolean;
}

export const OWNER_FREE = 0;
export const OWNER_HYPERVISOR = 1;
export const OWNER_FIRMWARE = 2;
export const OWNER_RESERVED = 3;
/** Plus a domain’s number. Domain-0, which runs xl, is number 0 and writes, but no page is kept in its name. */
export const OWNER_GUEST = 7;
/** Writers that own no page. */
export const WRITER_DEVICE = 4;
export const WRITER_PHYSICAL = 5;

export const MAX_DOMAINS = 1023 - OWNER_GUEST;

const MASK = 0x3ff;
const SHARED = 1 << 30;
const STRUCTURE = 0x80000000;

export const packPage = (meta: PageMeta): number =>
  ((meta.owner & MASK) |
    ((meta.key & MASK) << 10) |
    ((meta.writer & MASK) << 20) |
    (meta.shared ? SHARED : 0) |
    (meta.structure ? STRUCTURE : 0)) >>>
  0;

const field = (word: number, shift: number, value: number | undefined): number =>
  value === undefined ? word : (word & ~(MASK << shift)) | ((value & MASK) << shift);

const flag = (word: number, bit: number, value: boolean | undefined): number =>
  value === undefined ? word : value ? word | bit : word & ~bit;

/** A word with some of its fields replaced. */
export function withPageFields(
  word: number,
  { owner, key, writer, shared, structure }: Partial<PageMeta>,
): number {
  const numbers = field(field(field(word, 0, owner), 10, key), 20, writer);
  return flag(flag(numbers, SHARED, shared), STRUCTURE, structure) >>> 0;
}

export const pageOwner = (word: number): number => word & MASK;
export const pageKey = (word: number): number => (word >>> 10) & MASK;
export const pageWriter = (word: number): number => (word >>> 20) & MASK;
export const pageShared = (word: number): boolean => (word & SHARED) !== 0;
export const pageStructure = (word: number): boolean => word >>> 31 === 1;

export const unpackPage = (word: number): PageMeta => ({
  owner: pageOwner(word),
  key: pageKey(word),
  writer: pageWriter(word),
  shared: pageShared(word),
  structure: pageStructure(word),
});
