import type { Platform } from '../core/platform';
import type { RmpAccess } from './access';
import { rowOf } from './check';
import type { RmpEntry } from './entry';
import { authoritative, headOf, readEntry } from './table';

/**
 * The entry that hardware looks at for an access to an SPA: through a large mapping the one of the first page, which counts
 * all others; for a guest’s private page the one that speaks for it. Null: not covered, or nothing is looked at.
 */
export function entryFor(p: Platform, spa: number, access: RmpAccess): RmpEntry | null {
  const { entry } = rowOf(access);
  if (entry === 'none') return null;
  if (entry === 'authoritative') return authoritative(p, spa);
  return readEntry(p, access.large && access.kind !== 'update' ? headOf(spa) : spa);
}
