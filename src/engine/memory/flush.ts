import { LINE_SIZE, lineBase } from '../core/address';
import type { CacheLine } from '../core/change';
import type { KeySelector } from '../core/key';
import type { Platform } from '../core/platform';
import { clean, drop, flush, isCoherent, linesAt } from './cache';

/** Every line of a complex, the oldest first: an order that does not depend on how the state was reached. */
const byAge = (p: Platform, complex: number): CacheLine[] =>
  [...(p.state.caches[complex]?.values() ?? [])].sort((a, b) => a.born - b.born);

/** WBINVD on one core: its complex writes everything back and empties; the other complexes keep theirs. */
export function wbinvd(p: Platform, complex: number): number {
  const lines = byAge(p, complex);
  for (const line of lines) flush(p, complex, line);
  return lines.length;
}

/** INVD on one core: its complex empties without writing back. Dirty bytes are lost, but for lines that `spares` names. */
export function invd(
  p: Platform,
  complex: number,
  spares: (line: CacheLine) => boolean = () => false,
): number {
  const lines = byAge(p, complex);
  for (const line of lines) (spares(line) ? flush : drop)(p, complex, line);
  return lines.length;
}

/**
 * CLFLUSH of a range: its lines leave all complexes, those of one key domain, or of all where hardware is coherent (APM
 * vol. 2 §15.34.9: a CLFLUSH reaches lines of another domain only then).
 */
export const flushRange = (p: Platform, address: number, length: number, key: KeySelector): number =>
  flushLines(p, address, length, key, isCoherent(p));

/** VMPAGE_FLUSH of a range: only the lines that are tagged with this key (APM vol. 2 §15.34.9). */
export const flushTagged = (p: Platform, address: number, length: number, key: KeySelector): number =>
  flushLines(p, address, length, key, false);

function flushLines(p: Platform, address: number, length: number, key: KeySelector, all: boolean): number {
  let count = 0;
  for (let at = lineBase(address); at < address + length; at += LINE_SIZE) {
    for (const [complex, line] of linesAt(p, at)) {
      if (line.key !== key && !all) continue;
      flush(p, complex, line);
      count++;
    }
  }
  return count;
}

/** Whatever the caches hold of a range, under whatever key, is written back and gone: nobody reaches it from now on. */
export function emptyRange(p: Platform, address: number, length: number): void {
  for (const complex of p.state.caches.keys())
    for (const line of byAge(p, complex))
      if (line.address >= address && line.address < address + length) flush(p, complex, line);
}

/** Writes every dirty line back, lines stay: what time does by itself. */
export function drain(p: Platform): number {
  let count = 0;
  for (const complex of p.state.caches.keys()) {
    for (const line of byAge(p, complex)) {
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
