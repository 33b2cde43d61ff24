import { LINE_SIZE, lineBase, pageBase, spa } from '../core/address';
import { bytesEqual } from '../core/bytes';
import type { CacheLine } from '../core/change';
import { type KeySelector, keyName } from '../core/key';
import type { Platform } from '../core/platform';
import { lineSlot } from '../core/stores';
import { CACHE_RULES, clean, drop, flush, isCoherent, isEdge, isFound, linesAt, put } from './cache';
import { controllerRead, controllerWrite } from './controller';

function makeRoom(p: Platform, complex: number): number {
  const cache = p.state.caches[complex];
  if (!cache) throw new Error(`no complex ${complex}`);
  let oldest: CacheLine | null = null;
  let newest = -1;
  for (const line of cache.values()) {
    if (!oldest || line.born < oldest.born) oldest = line;
    if (line.born > newest) newest = line.born;
  }
  if (oldest && cache.size >= p.config.cacheLines) {
    p.trace.fact(
      'cache',
      {
        event: 'evict',
        complex,
        address: oldest.address,
        key: keyName(oldest.key),
        dirty: oldest.dirty,
      },
      CACHE_RULES.size,
    );
    flush(p, complex, oldest);
  }
  return newest + 1;
}

/** Where hardware keeps key domains coherent: the other views of an address go, dirty ones to DRAM. */
function dropOtherViews(p: Platform, address: number, key: KeySelector): void {
  if (!isCoherent(p)) return;
  if (isEdge(address)) emptyBehind(p, address, key);
  for (const [complex, line] of linesAt(p, address)) {
    if (line.key === key || !isFound(line)) continue;
    const label = { event: 'other view written back', complex, address, key: keyName(line.key) };
    p.trace.fact('cache', label, CACHE_RULES.coherent);
    flush(p, complex, line);
  }
}

/** The first or the last line of a page is used: what others left of it in the caches is written back (`CACHE_RULES.behind`). */
function emptyBehind(p: Platform, address: number, key: KeySelector): void {
  const page = pageBase(address);
  for (const [complex, cache] of p.state.caches.entries()) {
    const left = [...cache.values()].filter(
      (line) => line.behind && line.key !== key && pageBase(line.address) === page,
    );
    for (const line of left.sort((a, b) => a.born - b.born)) {
      const label = {
        event: 'left line written back',
        complex,
        address: line.address,
        key: keyName(line.key),
      };
      p.trace.fact('cache', label, CACHE_RULES.behind);
      flush(p, complex, line);
    }
  }
}

/** The same line in another complex, written back if it was dirty. */
function fromNeighbour(p: Platform, complex: number, slot: string): Uint8Array | null {
  for (const [other, cache] of p.state.caches.entries()) {
    const line = other === complex ? undefined : cache.get(slot);
    if (!line) continue;
    const { address, key, dirty, data } = line;
    const label = { event: 'from a neighbour', complex: other, address, key: keyName(key), dirty };
    p.trace.fact('cache', label, CACHE_RULES.snoop);
    clean(p, other, line);
    return data;
  }
  return null;
}

/** Brings a line into the complex (or finds it there) and returns it. `whole`: all of it is about to be replaced. */
function bring(p: Platform, complex: number, address: number, key: KeySelector, whole: boolean): CacheLine {
  const slot = lineSlot(address, key);
  const held = p.state.caches[complex]?.get(slot);
  const label = { complex, address, key: keyName(key) };
  if (held) {
    p.trace.fact('cache', { event: 'hit', ...label, dirty: held.dirty }, CACHE_RULES.tag);
    return held;
  }
  p.trace.fact('cache', { event: 'miss', ...label }, CACHE_RULES.tag);
  dropOtherViews(p, address, key);
  const lent = fromNeighbour(p, complex, slot);
  const born = makeRoom(p, complex);
  const data = lent ?? (whole ? new Uint8Array(LINE_SIZE) : controllerRead(p, address, LINE_SIZE, key));
  const line: CacheLine = { address: spa(address), key, dirty: false, writer: 0, born, data };
  put(p, complex, slot, line);
  return line;
}

/** Reads through the cache of a complex: misses fill lines. */
export function cachedRead(
  p: Platform,
  complex: number,
  address: number,
  length: number,
  key: KeySelector,
): Uint8Array {
  const out = new Uint8Array(length);
  for (let at = lineBase(address); at < address + length; at += LINE_SIZE) {
    const { data } = bring(p, complex, at, key, false);
    const from = Math.max(at, address);
    out.set(data.subarray(from - at, Math.min(LINE_SIZE, address + length - at)), from - address);
  }
  return out;
}

/** Writes through the cache of a complex: lines become dirty here and vanish from the other complexes. */
export function cachedWrite(
  p: Platform,
  complex: number,
  address: number,
  bytes: Uint8Array,
  key: KeySelector,
  writer: number,
): void {
  for (let at = lineBase(address); at < address + bytes.length; at += LINE_SIZE) {
    const from = Math.max(at, address);
    const to = Math.min(at + LINE_SIZE, address + bytes.length);
    const line = bring(p, complex, at, key, to - from === LINE_SIZE);
    for (const [other, copy] of linesAt(p, at))
      if (other !== complex && copy.key === key) drop(p, other, copy);
    const data = line.data.slice();
    data.set(bytes.subarray(from - address, to - address), from - at);
    put(p, complex, lineSlot(at, key), { ...line, data, dirty: true, writer });
  }
}

/** Stores those lines of a region in which `after` differs from what it holds: both are whole lines at a line’s address. */
export function cachedUpdate(
  p: Platform,
  complex: number,
  address: number,
  { before, after }: { readonly before: Uint8Array; readonly after: Uint8Array },
  key: KeySelector,
  writer: number,
): void {
  for (let at = 0; at < after.length; at += LINE_SIZE) {
    const line = after.subarray(at, at + LINE_SIZE);
    if (!bytesEqual(line, before.subarray(at, at + LINE_SIZE)))
      cachedWrite(p, complex, address + at, line, key, writer);
  }
}

/**
 * A streaming (non-temporal) store of whole lines: past the caches straight to the controller, as MOVNT does. Lines of
 * the same domain are dropped, since every byte of them is replaced.
 */
export function streamWrite(
  p: Platform,
  address: number,
  bytes: Uint8Array,
  key: KeySelector,
  writer: number,
): void {
  for (let at = address; at < address + bytes.length; at += LINE_SIZE) {
    const held = linesAt(p, at);
    if (held.length === 0) continue;
    for (const [complex, line] of held) if (line.key === key) drop(p, complex, line);
    dropOtherViews(p, at, key);
  }
  controllerWrite(p, address, bytes, key, writer);
}
