import { LINE_SIZE, lineBase, spa } from '../core/address';
import type { CacheLine } from '../core/change';
import type { Rule } from '../core/fault';
import { type KeySelector, keyName } from '../core/key';
import type { Platform } from '../core/platform';
import { lineSlot } from '../core/stores';
import { controllerRead, controllerWrite, decryptFromDram } from './controller';

export const CACHE_RULES = {
  tag: {
    id: 'cache.tag',
    says: 'A cache line holds plaintext and is tagged with its key domain: the same address under another key is another line.',
    source: 'APM vol. 2 §15.34.9; AMD Memory Encryption white paper (2016)',
    standing: 'published',
  },
  coherent: {
    id: 'cache.coherent',
    says: 'With CPUID Fn8000_001F[EAX] bit 10 hardware keeps the views of one address under different keys coherent: the other view is written back before this one is filled.',
    source: 'APM vol. 2 §15.34.9, §15.34.7',
    standing: 'published',
  },
  size: {
    id: 'cache.size',
    says: 'A complex holds few lines and the oldest leaves first, so that evictions can be watched.',
    source: 'modelled: real last-level caches hold 16 to 32 MiB and choose by other rules',
    standing: 'modelled',
  },
} as const satisfies Record<string, Rule>;

/** CPUID Fn8000_001F[EAX] bit 10, HwEnfCacheCoh. */
export const isCoherent = (p: Platform): boolean => ((p.state.need('cpuid').fn8000001f.eax >>> 10) & 1) === 1;

/** Lines of other key domains at the same address, in any complex. */
function* otherViews(
  p: Platform,
  address: number,
  key: KeySelector,
): Generator<[complex: number, line: CacheLine]> {
  for (const [complex, cache] of p.state.caches.entries()) {
    for (const line of cache.values())
      if (line.address === address && line.key !== key) yield [complex, line];
  }
}

/**
 * The 64 bytes that an access from `complex` under `key` would get: its own line, another complex's, or DRAM through the
 * engine. Where hardware keeps domains coherent, a dirty line of another domain is read as if written back. Changes nothing.
 */
export function peekLine(p: Platform, complex: number, address: number, key: KeySelector): Uint8Array {
  const slot = lineSlot(address, key);
  const own = p.state.caches[complex]?.get(slot);
  if (own) return own.data;
  for (const cache of p.state.caches) {
    const line = cache.get(slot);
    if (line) return line.data;
  }
  if (isCoherent(p)) {
    for (const [, line] of otherViews(p, address, key)) {
      if (!line.dirty) continue;
      const stored = p.cipher(line.key)?.encrypt(address, line.data) ?? line.data;
      return p.cipher(key)?.decrypt(address, stored) ?? stored;
    }
  }
  return decryptFromDram(p, address, LINE_SIZE, key);
}

/** Any run of bytes, as `peekLine` would give them. */
export function peekBytes(
  p: Platform,
  complex: number,
  address: number,
  length: number,
  key: KeySelector,
): Uint8Array {
  const out = new Uint8Array(length);
  for (let at = lineBase(address); at < address + length; at += LINE_SIZE) {
    const line = peekLine(p, complex, at, key);
    const from = Math.max(at, address);
    const to = Math.min(at + LINE_SIZE, address + length);
    out.set(line.subarray(from - at, to - at), from - address);
  }
  return out;
}

function put(p: Platform, complex: number, slot: string, after: CacheLine | null): void {
  const before = p.state.caches[complex]?.get(slot) ?? null;
  p.trace.emit({ store: 'cache', complex, slot, before, after });
}

/** Writes a dirty line back to DRAM; it stays, clean. */
function clean(p: Platform, complex: number, line: CacheLine): void {
  if (!line.dirty) return;
  controllerWrite(p, line.address, line.data, line.key, line.writer);
  put(p, complex, lineSlot(line.address, line.key), { ...line, dirty: false });
}

/** Writes back if dirty, then drops. */
function flush(p: Platform, complex: number, line: CacheLine): void {
  if (line.dirty) controllerWrite(p, line.address, line.data, line.key, line.writer);
  put(p, complex, lineSlot(line.address, line.key), null);
}

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
      { event: 'evict', complex, address: oldest.address, key: keyName(oldest.key), dirty: oldest.dirty },
      CACHE_RULES.size,
    );
    flush(p, complex, oldest);
  }
  return newest + 1;
}

/** Brings a line into the complex (or finds it there) and returns it. */
function bring(p: Platform, complex: number, address: number, key: KeySelector, whole: boolean): CacheLine {
  const slot = lineSlot(address, key);
  const held = p.state.caches[complex]?.get(slot);
  const label = { complex, address, key: keyName(key) };
  if (held) {
    p.trace.fact('cache', { event: 'hit', ...label, dirty: held.dirty }, CACHE_RULES.tag);
    return held;
  }
  p.trace.fact('cache', { event: 'miss', ...label }, CACHE_RULES.tag);
  if (isCoherent(p)) {
    for (const [other, line] of [...otherViews(p, address, key)]) {
      p.trace.fact(
        'cache',
        { event: 'other view written back', complex: other, address, key: keyName(line.key) },
        CACHE_RULES.coherent,
      );
      flush(p, other, line);
    }
  }
  for (const [other, cache] of p.state.caches.entries()) {
    const line = cache.get(slot);
    if (line && other !== complex) clean(p, other, line);
  }
  const born = makeRoom(p, complex);
  const data = whole ? new Uint8Array(LINE_SIZE) : controllerRead(p, address, LINE_SIZE, key);
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
    const to = Math.min(at + LINE_SIZE, address + length);
    out.set(data.subarray(from - at, to - at), from - address);
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
    dropCopies(p, complex, at, key);
    const data = line.data.slice();
    data.set(bytes.subarray(from - address, to - address), from - at);
    put(p, complex, lineSlot(at, key), { ...line, data, dirty: true, writer });
  }
}

function dropCopies(p: Platform, complex: number, address: number, key: KeySelector): void {
  const slot = lineSlot(address, key);
  for (const [other, cache] of p.state.caches.entries()) {
    if (other !== complex && cache.has(slot)) put(p, other, slot, null);
  }
}

/**
 * A streaming (non-temporal) store of whole lines: past the caches straight to the controller, as MOVNT does. Lines of the
 * same domain are dropped, since every byte of them is replaced.
 */
export function streamWrite(
  p: Platform,
  address: number,
  bytes: Uint8Array,
  key: KeySelector,
  writer: number,
): void {
  const end = address + bytes.length;
  for (const [complex, cache] of p.state.caches.entries()) {
    for (const line of [...cache.values()]) {
      if (line.address < address || line.address >= end) continue;
      if (line.key === key) put(p, complex, lineSlot(line.address, key), null);
      else if (isCoherent(p)) flush(p, complex, line);
    }
  }
  controllerWrite(p, address, bytes, key, writer);
}

/** WBINVD on one core: its complex writes everything back and empties; the other complexes keep theirs. */
export function wbinvd(p: Platform, complex: number): number {
  const lines = [...(p.state.caches[complex]?.values() ?? [])];
  for (const line of lines) flush(p, complex, line);
  return lines.length;
}

/** INVD on one core: its complex empties without writing back. Dirty bytes are lost. */
export function invd(p: Platform, complex: number): number {
  const lines = [...(p.state.caches[complex]?.values() ?? [])];
  for (const line of lines) put(p, complex, lineSlot(line.address, line.key), null);
  return lines.length;
}

/** Flushes the lines of a range from all complexes: those of one key domain, or of all where hardware is coherent. */
export function flushRange(p: Platform, address: number, length: number, key: KeySelector): number {
  let count = 0;
  for (const [complex, cache] of p.state.caches.entries()) {
    for (const line of [...cache.values()]) {
      const inside = line.address >= lineBase(address) && line.address < address + length;
      if (!inside || (line.key !== key && !isCoherent(p))) continue;
      flush(p, complex, line);
      count++;
    }
  }
  return count;
}

/** Writes every dirty line back, lines stay: what time does by itself. */
export function drain(p: Platform): number {
  let count = 0;
  for (const [complex, cache] of p.state.caches.entries()) {
    for (const line of [...cache.values()]) {
      if (!line.dirty) continue;
      clean(p, complex, line);
      count++;
    }
  }
  return count;
}

/** Everything in all caches vanishes without a trace on DRAM: the power went. */
export function losePower(p: Platform): void {
  for (const complex of p.state.caches.keys()) invd(p, complex);
}
