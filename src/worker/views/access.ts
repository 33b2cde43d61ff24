import type { Journal } from '../../history/journal';
import type { LoggedSpan } from '../../history/spanLog';
import type { AccessView } from '../protocol';
import { changeView } from './changes';
import { spanView } from './span';

/** Most facts and changes of one access that are shown. */
const MOST = 400;

/** Loads, stores and fetches of a core, a device's transfers, and what brings dirty lines to DRAM. */
const isAccess = (span: LoggedSpan): boolean =>
  (span.layer === 'memory' && span.name === 'write back') ||
  (span.layer === 'core' && /load|store|fetch/.test(span.name)) ||
  (span.layer === 'device' && span.name.startsWith('DMA'));

/** The access at the cursor, or the last one before it, with every place that it passes; null when there is none. */
export function accessView(journal: Journal, cursor: number): AccessView | null {
  const { spans } = journal;
  let current: LoggedSpan | null = null;
  for (let id = spans.lowerBound(cursor) - 1; id >= spans.first && !current; id--) {
    const span = spans.get(id);
    if (span && isAccess(span) && span.end > span.start) current = span;
  }
  const next = neighbour(journal, (current?.id ?? spans.lowerBound(cursor) - 1) + 1, 1);
  if (!current) return next ? accessView(journal, next.start + 1) : null;
  const last = Math.min(current.end, current.start + MOST, journal.length);
  const hops = [];
  for (let index = Math.max(current.start, journal.firstKept); index < last; index++)
    hops.push(changeView(journal.at(index), index));
  return {
    span: spanView(current),
    hops,
    reached: Math.max(0, Math.min(cursor, last) - current.start),
    previous: neighbour(journal, current.id - 1, -1)?.start ?? null,
    next: next?.start ?? null,
  };
}

function neighbour({ spans }: Journal, from: number, by: 1 | -1): LoggedSpan | null {
  for (let id = from; id >= spans.first && id < spans.end; id += by) {
    const span = spans.get(id);
    if (span && isAccess(span) && span.end > span.start) return span;
  }
  return null;
}
