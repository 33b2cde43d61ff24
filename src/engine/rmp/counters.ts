import { BLOCK_SIZE } from '../core/address';
import { readU64, u64 } from '../core/bytes';
import type { Platform } from '../core/platform';
import { loadTable, storeTable } from './store';

/**
 * A 64-bit counter for each ASID in the bookkeeping before the entries: how many entries name it, by which the firmware sees
 * whether an ASID still owns pages (AMD-ASPFW sev_rmp.c: check_rmp_for_asid). That a large page counts once is modelled.
 */
const COUNTER_BYTES = 8;

const blockOf = (base: number, asid: number): number => {
  const at = base + asid * COUNTER_BYTES;
  return at - (at % BLOCK_SIZE);
};

/** Entries that name an ASID; 0 where there is no table. */
export function pagesOfAsid(p: Platform, asid: number): number {
  const cell = p.state.cell('rmp');
  if (!cell) return 0;
  const block = blockOf(cell.base, asid);
  return Number(readU64(loadTable(p, block, BLOCK_SIZE), cell.base + asid * COUNTER_BYTES - block));
}

/** Counts entries of an ASID that came or went. The firmware’s own pages, whose ASID is 0, are not counted. */
export function countPages(p: Platform, asid: number, change: number): void {
  const cell = p.state.cell('rmp');
  if (!cell || asid === 0 || change === 0) return;
  const block = blockOf(cell.base, asid);
  const bytes = new Uint8Array(loadTable(p, block, BLOCK_SIZE));
  const offset = cell.base + asid * COUNTER_BYTES - block;
  bytes.set(u64(BigInt.asUintN(64, readU64(bytes, offset) + BigInt(change))), offset);
  storeTable(p, block, bytes);
}
