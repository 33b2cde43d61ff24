import { hex, LARGE_PAGE_SIZE, PAGE_SIZE } from '../core/address';
import { readU64, u64 } from '../core/bytes';
import { type Outcome, ok, refuse } from '../core/fault';
import type { KeySelector } from '../core/key';
import { OWNER_HYPERVISOR } from '../core/page';
import type { Platform } from '../core/platform';
import { hostFormat, hostStructureKey, memEncryption } from '../cpu/mode';
import { peekBytes } from '../memory/cache';
import { cachedWrite, streamWrite } from '../memory/fill';
import {
  ENTRY,
  isLeaf,
  LEAF_BITS,
  leafSize,
  levelIndex,
  levelSpan,
  makeEntry,
  PAGING_RULES,
  TABLE_BITS,
  WALK_REACH,
} from '../memory/pageTable';
import { reach } from '../memory/regions';
import { takeFrames } from './frames';

/**
 * Building and editing the tables that the hypervisor owns (its own and the nested ones), in simulated memory, as stores
 * of the hypervisor. A table is encrypted exactly when its parent's entry says so, and the entries say so when the
 * hypervisor's own memory is encrypted.
 */
export const tablesEncrypted = (p: Platform): boolean => memEncryption(p) && p.config.sme === 'full';

const complexOfXen = 0;

/** A zeroed frame for a table. Answers with its SPA. */
export function newTable(p: Platform): Outcome<number> {
  const taken = takeFrames(p, 'heap', 1, OWNER_HYPERVISOR);
  if (!taken.ok) return taken;
  const first = taken.value[0]?.[0] ?? 0;
  writeTable(p, first * PAGE_SIZE, new Uint8Array(PAGE_SIZE));
  p.trace.page(first, { structure: true });
  return ok(first * PAGE_SIZE);
}

/** Fills a whole table with one streaming store. */
export function writeTable(p: Platform, address: number, bytes: Uint8Array): void {
  streamWrite(p, address, bytes, hostStructureKey(p), OWNER_HYPERVISOR);
}

const tableKey = (p: Platform): KeySelector => hostStructureKey(p);

const readEntryAt = (p: Platform, address: number): bigint =>
  readU64(peekBytes(p, complexOfXen, address, 8, tableKey(p)), 0);

const writeEntryAt = (p: Platform, address: number, raw: bigint): void =>
  cachedWrite(p, complexOfXen, address, u64(raw), tableKey(p), OWNER_HYPERVISOR);

/** Entries for a table that maps `count` pages of the level's size from `target` on. */
function leafTable(p: Platform, level: number, target: number, count: number, c: boolean): Uint8Array {
  const format = hostFormat(p);
  const out = new Uint8Array(PAGE_SIZE);
  const view = new DataView(out.buffer);
  const bits = level === 1 ? LEAF_BITS : LEAF_BITS | ENTRY.large;
  for (let i = 0; i < count; i++)
    view.setBigUint64(i * 8, makeEntry(target + i * levelSpan(level), bits, c, format), true);
  return out;
}

/** The entry that points to the next table. */
const tableEntry = (p: Platform, address: number): bigint =>
  makeEntry(address, TABLE_BITS, tablesEncrypted(p), hostFormat(p));

/**
 * Finds the slot of the leaf that maps `virtual` with pages of `size`, creating tables and splitting larger pages on the
 * way. Answers with the SPA of the entry.
 */
function leafSlot(p: Platform, root: number, virtual: number, size: number = PAGE_SIZE): Outcome<number> {
  const wanted = size === PAGE_SIZE ? 1 : size === LARGE_PAGE_SIZE ? 2 : 3;
  if (virtual >= WALK_REACH) return tooFar(virtual);
  let base = root;
  for (let level = 4; level > wanted; level--) {
    const broken = brokenTable(p, base);
    if (broken) return broken;
    const at = base + levelIndex(virtual, level) * 8;
    const raw = readEntryAt(p, at);
    if ((raw & ENTRY.present) === 0n || isLeaf(raw, level)) {
      const made = newTable(p);
      if (!made.ok) return made;
      if (isLeaf(raw, level) && (raw & ENTRY.present) !== 0n)
        writeTable(p, made.value, splitLeaf(p, raw, level));
      writeEntryAt(p, at, tableEntry(p, made.value));
      base = made.value;
    } else {
      base = Number(raw & hostFormat(p).addressMask);
    }
  }
  return brokenTable(p, base) ?? ok(base + levelIndex(virtual, wanted) * 8);
}

const tooFar = (virtual: number): Outcome<never> =>
  refuse(
    PAGING_RULES.depth,
    'refused',
    `No table has room for ${hex(virtual)}.`,
    { address: virtual },
    `An address below ${hex(WALK_REACH)}.`,
  );

/** Somebody wrote into the tables, and an entry leads out of DRAM: Xen goes no further. */
function brokenTable(p: Platform, base: number): Outcome<never> | null {
  if (reach(p, base, PAGE_SIZE).ok) return null;
  return refuse(
    PAGING_RULES.outside,
    'abort',
    `Xen’s own walk finds a table at ${hex(base)}, where there is no memory.`,
    { table: base },
    'The entry above would have to point into DRAM.',
  );
}

/** The 512 smaller pages that together map what the large one mapped. */
function splitLeaf(p: Platform, raw: bigint, level: number): Uint8Array {
  const format = hostFormat(p);
  const base = Number(raw & format.addressMask);
  const size = leafSize(level);
  return leafTable(p, level - 1, base - (base % size), 512, (raw & format.cMask) !== 0n);
}

/** A leaf before and after an edit. */
export interface Edited {
  readonly before: bigint;
  readonly after: bigint;
}

/** Replaces a leaf; `change` gets the raw entry. */
export function editLeaf(
  p: Platform,
  root: number,
  virtual: number,
  change: (raw: bigint) => bigint,
): Outcome<Edited> {
  const slot = leafSlot(p, root, virtual);
  if (!slot.ok) return slot;
  const before = readEntryAt(p, slot.value);
  const after = change(before);
  writeEntryAt(p, slot.value, after);
  return ok({ before, after });
}

/** Maps `count` pages of `size` from `virtual` on to `target` on. */
export function mapRange(
  p: Platform,
  root: number,
  virtual: number,
  target: number,
  count: number,
  size: number,
  c: boolean,
): Outcome<null> {
  const level = size === PAGE_SIZE ? 1 : size === LARGE_PAGE_SIZE ? 2 : 3;
  for (let done = 0; done < count; ) {
    const at = virtual + done * size;
    const index = levelIndex(at, level);
    const run = Math.min(512 - index, count - done);
    const slot = leafSlot(p, root, at, size);
    if (!slot.ok) return slot;
    const table = slot.value - index * 8;
    const bytes = peekBytes(p, complexOfXen, table, PAGE_SIZE, tableKey(p));
    bytes.set(leafTable(p, level, target + done * size, run, c).subarray(0, run * 8), index * 8);
    writeTable(p, table, bytes);
    done += run;
  }
  return ok(null);
}
