import { LINE_SIZE, lineBase, PAGE_SIZE, pfnOf } from '../core/address';
import { bytesEqual } from '../core/bytes';
import { HOST_KEY, NO_KEY } from '../core/key';
import { OWNER_FIRMWARE, pageKey } from '../core/page';
import type { Platform } from '../core/platform';
import { drop, linesAt } from '../memory/cache';
import { decryptFromDram } from '../memory/controller';
import { markPages, storeBytes } from '../memory/stick';

/**
 * How hardware reaches the table: without a key (with TSME under the host’s, like everything else) and past the caches. It
 * takes clean copies out of the caches, so that software that reads the table sees what holds. Dirty ones stay and come back
 * when they are written back: that is the stale write of RMPocalypse (modelled). Addresses and lengths are multiples of 16.
 */

/** Nobody has written the page: the table is empty there, whatever TSME would make of the zeros on the stick. */
const fresh = (p: Platform, page: number): boolean => pageKey(p.state.pages.get(page)) === 0;

export function loadTable(p: Platform, address: number, length: number): Uint8Array {
  const bytes = decryptFromDram(p, address, length, NO_KEY);
  if (!p.cipher(NO_KEY)) return bytes;
  for (let page = pfnOf(address); page <= pfnOf(address + length - 1); page++)
    if (fresh(p, page))
      bytes.fill(0, Math.max(0, page * PAGE_SIZE - address), (page + 1) * PAGE_SIZE - address);
  return bytes;
}

/** Writes a run of bytes of the table; says nothing where nothing changes. */
export function storeTable(p: Platform, address: number, bytes: Uint8Array): void {
  if (p.cipher(NO_KEY))
    for (let page = pfnOf(address); page <= pfnOf(address + bytes.length - 1); page++)
      if (fresh(p, page)) put(p, page * PAGE_SIZE, new Uint8Array(PAGE_SIZE));
  put(p, address, bytes);
}

/** Empties a range of the table: pages that somebody has written. */
export function clearTable(
  p: Platform,
  { base, end }: { readonly base: number; readonly end: number },
): void {
  for (let page = pfnOf(base); page <= pfnOf(end); page++)
    if (!fresh(p, page)) put(p, page * PAGE_SIZE, new Uint8Array(PAGE_SIZE));
}

function put(p: Platform, address: number, bytes: Uint8Array): void {
  const cipher = p.cipher(NO_KEY);
  const after = cipher?.encrypt(address, bytes) ?? bytes.slice();
  const before = p.state.dram.read(address, after.length);
  if (bytesEqual(before, after)) return;
  storeBytes(p, address, after);
  const key = (cipher ? HOST_KEY : NO_KEY) + 2;
  const end = address + after.length;
  markPages(p, address, after.length, { key, writer: OWNER_FIRMWARE });
  for (let at = lineBase(address); at < end; at += LINE_SIZE)
    for (const [complex, line] of linesAt(p, at)) if (!line.dirty) drop(p, complex, line);
}
