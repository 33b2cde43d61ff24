import type { Change } from '../../engine/core/change';
import type { PageView } from '../protocol';
import { pageOf } from './pageOf';

/** Most moments that are told of one page. */
const MOST = 8;
/** Most changes that are looked through, back from the cursor. */
const REACH = 50_000;

export interface Recorded {
  readonly action: number;
  readonly title: string;
  readonly start: number;
  readonly end: number;
}

/** The last actions up to the cursor that touched a page, newest first, each at the last change that did. */
export function touchesOf(
  pfn: number,
  actions: readonly Recorded[],
  cursor: number,
  kept: number,
  at: (index: number) => Change,
): PageView['touches'] {
  const found: { change: number; action: number; title: string }[] = [];
  let budget = REACH;
  for (let i = actions.length - 1; i >= 0 && found.length < MOST && budget > 0; i--) {
    const { start, end, action, title } = actions[i] as Recorded;
    for (let index = Math.min(end, cursor) - 1; index >= Math.max(start, kept) && budget-- > 0; index--) {
      const page = pageOf(at(index));
      if (page !== pfn) continue;
      found.push({ change: index + 1, action, title });
      break;
    }
  }
  return found;
}
