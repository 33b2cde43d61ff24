import type { Platform } from '../core/platform';

/**
 * Translations that lead to a changed page are dropped from the TLBs of all cores, so that the next access is checked
 * afresh. How hardware does that is not published (modelled).
 */
export function dropTranslations(p: Platform, spa: number, size: number): void {
  for (const [core, tlb] of p.state.tlbs.entries()) {
    const found = [...tlb].filter(
      ([, entry]) => entry.target < spa + size && spa < entry.target + entry.size,
    );
    for (const [slot, before] of found.sort(([, a], [, b]) => a.born - b.born))
      p.trace.emit({ store: 'tlb', core, slot, before, after: null });
  }
}
