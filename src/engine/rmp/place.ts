import { alignUp, PAGE_SIZE } from '../core/address';
import type { RmpCell } from '../core/rmpCells';
import { ENTRY_BYTES } from './entry';

/**
 * Where an entry lies in one table for all memory: behind 16 KiB of bookkeeping one entry for each page from SPA 0 on (APM
 * vol. 2 §15.36).
 */

/** What precedes the entries: on Genoa a counter of pages for each ASID (AMD-ASPFW sev_rmp.h: rmp_asid_counters_t). */
export const BOOKKEEPING_BYTES = 0x4000;

/** RMP_BASE and RMP_END + 1 are multiples of 8 KiB for the hardware and of 1 MiB for the firmware (AMD-ASPFW sev_rmp.c). */
export const HARDWARE_UNIT = 0x2000;
export const FIRMWARE_UNIT = 0x100000;

/** SPA of the entry of the page that holds an address. */
export const entryAddress = (base: number, spa: number): number =>
  base + BOOKKEEPING_BYTES + Math.floor(spa / PAGE_SIZE) * ENTRY_BYTES;

/** Bytes of memory that a table covers, from SPA 0 on. */
export const coveredBytes = ({ base, end }: Pick<RmpCell, 'base' | 'end'>): number =>
  Math.max(0, Math.floor((end + 1 - base - BOOKKEEPING_BYTES) / ENTRY_BYTES) * PAGE_SIZE);

/** Bytes of a table that covers so much memory: a 256th of it, and the bookkeeping. */
export const tableBytes = (covered: number): number =>
  BOOKKEEPING_BYTES + Math.ceil(covered / PAGE_SIZE) * ENTRY_BYTES;

/** RMP_END of a table at `base` that covers so much memory, in units of the hardware or of the firmware. */
export const tableEnd = (base: number, covered: number, unit: number): number =>
  alignUp(base + tableBytes(covered), unit) - 1;
