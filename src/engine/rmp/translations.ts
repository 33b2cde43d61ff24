import { LARGE_PAGE_SIZE } from '../core/address';
import type { TlbEntry } from '../core/change';
import type { Platform } from '../core/platform';
import { headOf } from './table';

/** Does an entry lead to a range, or has its verdict looked there? */
function concerns({ target, size, rmp }: TlbEntry, spa: number, length: number): boolean {
  const first = rmp?.large ? headOf(target) : target;
  const end = rmp?.large ? first + LARGE_PAGE_SIZE : target + size;
  return first < spa + length && spa < end;
}

/**
 * Translations that lead to a changed page are dropped from the TLBs of all cores, so that the next access is checked
 * afresh. How hardware does that is not published (modelled).
 */
export function dropTranslations(p: Platform, spa: number, size: number): void {
  for (const [core, tlb] of p.state.tlbs.entries()) {
    const found = [...tlb].filter(([, entry]) => concerns(entry, spa, size));
    for (const [slot, before] of found.sort(([, a], [, b]) => a.born - b.born))
      p.trace.emit({ store: 'tlb', core, slot, before, after: null });
  }
}
