import type { Platform } from '../../../engine/core/platform';
import {
  type EntryMove,
  entryMoves,
  entryRuns,
  pagesTouched,
  type StateMove,
  stateMoves,
} from '../../../engine/rmp/moves';
import type { Journal } from '../../../history/journal';
import type { LoggedSpan } from '../../../history/spanLog';

/** Most changes that are read at once, back from the newest. */
const REACH = 400_000;

/** A change of bytes of the table. */
export interface TableChange {
  /** Number of the change. */
  readonly index: number;
  /** The pages whose entries it touches; of a large page its first one speaks for all. */
  readonly first: number;
  readonly count: number;
  readonly moves: readonly StateMove[];
}

/** Every change of the table in the record, read once and carried on as the record grows. */
export class RmpLog {
  private journal: Journal | null = null;
  private changes: TableChange[] = [];
  /** Up to which change the record has been read, and the call that was the last one then. */
  private read = 0;
  private last: LoggedSpan | null = null;
  /** Number of the oldest change that was read. */
  from = 0;

  /** The changes of the table so far, oldest first. */
  of(p: Platform, journal: Journal): readonly TableChange[] {
    if (!this.goesOn(journal)) {
      this.journal = journal;
      this.changes = [];
      this.from = Math.max(journal.firstKept, journal.length - REACH);
      this.read = this.from;
    }
    const runs = entryRuns(p);
    for (; this.read < journal.length; this.read++) {
      const change = journal.at(this.read);
      if (change.store !== 'dram') continue;
      const touched = pagesTouched(runs, change);
      if (touched) this.changes.push({ index: this.read, ...touched, moves: stateMoves(p, runs, change) });
    }
    this.last = journal.spans.get(journal.spans.end - 1) ?? null;
    return this.changes;
  }

  /** Is what was read still the beginning of the record? A record that was cut off and went on has other calls. */
  private goesOn(journal: Journal): boolean {
    if (this.journal !== journal || this.read > journal.length || this.from < journal.firstKept) return false;
    return this.last === null || journal.spans.get(this.last.id) === this.last;
  }
}

/** What a change made of one page’s entry; null: nothing. */
export function entryMoveOf(
  p: Platform,
  journal: Journal,
  { index }: Pick<TableChange, 'index'>,
  pfn: number,
): EntryMove | null {
  const change = journal.at(index);
  if (change.store !== 'dram') return null;
  for (const move of entryMoves(p, entryRuns(p), change)) if (move.pfn === pfn) return move;
  return null;
}
