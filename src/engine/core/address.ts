/**
 * Addresses and sizes. Every address of the simulated machine is below 2^52 (APM vol. 2 §5.1: the architectural limit
 * of a physical address), so a branded `number` holds it exactly; page-table entries are 64 bits and are `bigint`.
 */
type Brand<T, B extends string> = T & { readonly __brand: B };

/** System physical address, without the C-bit. */
export type Spa = Brand<number, 'Spa'>;
/** System page frame number: SPA / 4096. */
export type Pfn = Brand<number, 'Pfn'>;

export const spa = (n: number): Spa => n as Spa;
export const pfn = (n: number): Pfn => n as Pfn;

export const PAGE_SIZE = 4096;
export const LARGE_PAGE_SIZE = 2 * 1024 * 1024;
export const HUGE_PAGE_SIZE = 1024 * 1024 * 1024;
/** Bytes in a cache line. */
export const LINE_SIZE = 64;
/** Bytes in one AES block, the unit of memory encryption. */
export const BLOCK_SIZE = 16;

export const pfnOf = (address: number): Pfn => Math.floor(address / PAGE_SIZE) as Pfn;
export const pageBase = (address: number): number => address - (address % PAGE_SIZE);
export const lineBase = (address: number): number => address - (address % LINE_SIZE);
export const alignUp = (n: number, unit: number): number => Math.ceil(n / unit) * unit;

/** `0x…` in lower case, the form in which every address is shown. */
export const hex = (n: number | bigint): string => `0x${n.toString(16)}`;

/** Where the simulated guest kernel maps its memory: GPA g is at this guest virtual address + g. */
export const GUEST_BASE = 0x7f0000000000;
