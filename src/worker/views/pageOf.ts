import { PAGE_SIZE } from '../../engine/core/address';
import type { Change } from '../../engine/core/change';

/** The page that a change is about, or null. A range of DRAM never crosses a page in what the engine records. */
export function pageOf(change: Change): number | null {
  switch (change.store) {
    case 'dram':
      return Math.floor(change.address / PAGE_SIZE);
    case 'page':
      return change.pfn;
    case 'cache':
      return Math.floor(((change.after ?? change.before)?.address ?? 0) / PAGE_SIZE);
    case 'fact':
      return typeof change.data.spa === 'number' ? Math.floor(change.data.spa / PAGE_SIZE) : null;
    default:
      return null;
  }
}
