import { alignUp, BLOCK_SIZE, LINE_SIZE, lineBase, PAGE_SIZE } from '../core/address';
import type { CacheLine } from '../core/change';
import type { Rule } from '../core/fault';
import type { KeySelector } from '../core/key';
import type { Platform } from '../core/platform';
import { lineSlot } from '../core/stores';
import { controllerWrite, decryptFromDram } from './controller';

export const CACHE_RULES = {
  tag: {
    id: 'cache.tag',
    says: 'A cache line holds plaintext and is tagged with its key domain: the same address under another key is another line.',
    source: 'APM vol. 2 §15.34.9; AMD Memory Encryption white paper (2016)',
    standing: 'published',
  },
  snoop: {
    id: 'cache.snoop',
    says: 'The caches of the complexes are coherent within one key domain: a line that another complex holds comes from there, and written back first if it is dirty.',
    source: 'APM vol. 2 §7.3 (MOESI); modelled: hardware may keep the line dirty where it is (Owned)',
    standing: 'modelled',
  },
  coherent: {
    id: 'cache.coherent',
    says: 'With CPUID Fn8000_001F[EAX] bit 10 hardware keeps the views of one address under different keys coherent: the other view is written back before this one is filled.',
    source: 'APM vol. 2 §15.34.9, §15.34.7',
    standing: 'published',
  },
  behind: {
    id: 'cache.left-behind',
    says: 'A dirty line that is left when its page is assigned to a guest is not found by accesses under the guest’s key, except to the first or last line of the page: those write back every line of the page.',
    source:
      'modelled after Linux 7b306dfa326f (sev_evict_cache) and CVE-2024-36331 (AMD-SB-3014); what exactly hardware forgets is not published',
    standing: 'modelled',
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

/** A line and the complex that holds it. */
type Held = readonly [complex: number, line: CacheLine];

const NOBODY: readonly Held[] = [];

/** Every line at an address, by complex and then by key. Nearly always none, which then costs nothing. */
export function linesAt(p: Platform, address: number): readonly Held[] {
  const { caches } = p.state;
  let held: Held[] | null = null;
  for (let complex = 0; complex < caches.length; complex++) {
    const cache = caches[complex];
    if (!cache || cache.size === 0) continue;
    for (const line of cache.at(address)) {
      held ??= [];
      held.push([complex, line]);
    }
  }
  return held ?? NOBODY;
}

export function put(p: Platform, complex: number, slot: string, after: CacheLine | null): void {
  const before = p.state.caches[complex]?.get(slot) ?? null;
  p.trace.emit({ store: 'cache', complex, slot, before, after });
}

/** Is the line of an address the first or the last of its page? */
export const isEdge = (address: number): boolean =>
  address % PAGE_SIZE < LINE_SIZE || address % PAGE_SIZE >= PAGE_SIZE - LINE_SIZE;

/** Does hardware that keeps key domains coherent find this line when the same address is used under another key? */
export const isFound = (line: CacheLine): boolean => !line.behind || isEdge(line.address);

/** Pages are assigned to a guest: dirty lines of others are left behind. */
export function leaveBehind(p: Platform, from: number, length: number, key: KeySelector): void {
  for (const [complex, cache] of p.state.caches.entries()) {
    const left = [...cache.values()].filter(
      ({ address, dirty, behind, key: own }) =>
        dirty && !behind && own !== key && address >= from && address < from + length,
    );
    for (const line of left.sort((a, b) => a.born - b.born)) {
      p.trace.fact('cache', { event: 'left behind', complex, address: line.address }, CACHE_RULES.behind);
      put(p, complex, lineSlot(line.address, line.key), { ...line, behind: true });
    }
  }
}

/** Writes a dirty line back to DRAM; it stays, clean. */
export function clean(p: Platform, complex: number, line: CacheLine): void {
  if (!line.dirty) return;
  controllerWrite(p, line.address, line.data, line.key, line.writer);
  put(p, complex, lineSlot(line.address, line.key), { ...line, dirty: false });
}

/** Writes back if dirty, then drops. */
export function flush(p: Platform, complex: number, line: CacheLine): void {
  if (line.dirty) controllerWrite(p, line.address, line.data, line.key, line.writer);
  drop(p, complex, line);
}

/** Drops a line without writing it back. */
export const drop = (p: Platform, complex: number, line: CacheLine): void =>
  put(p, complex, lineSlot(line.address, line.key), null);

/**
 * What DRAM would hold under `key` once every dirty line that hardware must write back first is written back: the one of
 * the same domain, or of any domain where hardware keeps them coherent. Changes nothing.
 */
export function peekWrittenBack(p: Platform, address: number, key: KeySelector): Uint8Array {
  const dirty = linesAt(p, address)
    .map(([, line]) => line)
    .filter((line) => line.dirty);
  const own = dirty.find((line) => line.key === key);
  if (own) return own.data;
  const other = isCoherent(p) ? dirty.find(isFound) : undefined;
  if (!other) return decryptFromDram(p, address, LINE_SIZE, key);
  const stored = p.cipher(other.key)?.encrypt(address, other.data) ?? other.data;
  return p.cipher(key)?.decrypt(address, stored) ?? stored;
}

/**
 * The 64 bytes that an access from `complex` under `key` would get: its own line, another complex's, or DRAM through the
 * engine. Changes nothing.
 */
function peekLine(p: Platform, complex: number, address: number, key: KeySelector): Uint8Array {
  const slot = lineSlot(address, key);
  const own = p.state.caches[complex]?.get(slot);
  if (own) return own.data;
  for (const cache of p.state.caches) {
    const line = cache.get(slot);
    if (line) return line.data;
  }
  return peekWrittenBack(p, address, key);
}

/**
 * Any run of bytes: from DRAM through the engine in one go, and then line by line where caches hold something, which
 * `line` tells.
 */
export function peekThrough(
  p: Platform,
  address: number,
  length: number,
  key: KeySelector,
  line: (at: number) => Uint8Array,
): Uint8Array {
  const start = address - (address % BLOCK_SIZE);
  const end = alignUp(address + length, BLOCK_SIZE);
  const out = decryptFromDram(p, start, end - start, key);
  for (let at = lineBase(start); at < end; at += LINE_SIZE) {
    if (linesAt(p, at).length === 0) continue;
    const from = Math.max(at, start);
    out.set(line(at).subarray(from - at, Math.min(LINE_SIZE, end - at)), from - start);
  }
  return out.length === length ? out : out.slice(address - start, address - start + length);
}

/** What an access from `complex` under `key` would read. Changes nothing. */
export const peekBytes = (
  p: Platform,
  complex: number,
  address: number,
  length: number,
  key: KeySelector,
): Uint8Array => peekThrough(p, address, length, key, (at) => peekLine(p, complex, at, key));
