import { PAGE_EDGES, pageEdge } from '../../../engine/asp/snp/pageMachine';
import { LARGE_PAGE_SIZE, PAGE_SIZE } from '../../../engine/core/address';
import type { Platform } from '../../../engine/core/platform';
import type { EntryMove, StateMove } from '../../../engine/rmp/moves';
import { pageState } from '../../../engine/rmp/pageState';
import { authoritative } from '../../../engine/rmp/table';
import type { Journal } from '../../../history/journal';
import type { RmpMachineView, RmpMomentView, RmpMoveView } from '../../rmpProtocol';
import type { RmpColours } from './colours';
import { entryMoveOf, type RmpLog } from './log';

/** Most moves of one page that are told. */
const MOST_MOVES = 24;
const PAGES = LARGE_PAGE_SIZE / PAGE_SIZE;

/** What is said of an action by its number; -1 is the power-on. */
export type TitleOf = (action: number) => string;

/** The record up to the cursor, with the names of actions. */
export interface Recorded {
  readonly p: Platform;
  readonly journal: Journal;
  readonly cursor: number;
  readonly title: TitleOf;
}

/** Where a change stands: the instruction or command around it, and the action. */
function momentOf({ journal, title }: Recorded, index: number): RmpMomentView & { readonly asp: boolean } {
  // Between the change and the next one: the calls that have begun with it count.
  let span = journal.spans.around(index + 0.5);
  const inner = span;
  while (span && span.layer !== 'core' && span.layer !== 'asp')
    span = span.parent === null ? null : (journal.spans.get(span.parent) ?? null);
  const call = span ?? inner;
  return {
    change: index + 1,
    by: call?.name ?? '',
    actor: call?.actor ?? '',
    action: title(call?.action ?? -1),
    asp: call?.layer === 'asp',
  };
}

function told(record: Recorded, index: number, { first, count, from, to }: StateMove): RmpMoveView {
  const { asp, ...moment } = momentOf(record, index);
  const edge = pageEdge(from, to, moment.by, asp);
  return { ...moment, from, to, first, count, edge: edge && PAGE_EDGES.indexOf(edge) };
}

/** The states of pages now, the way of one page, and where each edge was taken last. */
export function machineOf(record: Recorded, log: RmpLog, colours: RmpColours, pfn: number): RmpMachineView {
  const { p, journal, cursor } = record;
  const path: RmpMoveView[] = [];
  const taken = new Map<number | string, RmpMoveView>();
  for (const { index, moves } of log.of(p, journal)) {
    if (index >= cursor) break;
    for (const move of moves) {
      const view = told(record, index, move);
      taken.set(view.edge ?? `${move.from}/${move.to}`, view);
      if (pfn >= move.first && pfn < move.first + move.count) path.push(view);
    }
  }
  return {
    edges: PAGE_EDGES,
    current: pageState(authoritative(p, pfn * PAGE_SIZE)),
    counts: colours.counts(p),
    path: path.slice(-MOST_MOVES),
    taken: [...taken.values()].sort((a, b) => b.change - a.change),
    since: log.from,
  };
}

/** Masks and VMSA bit of the same owner, who has them as before. */
const isAlike = ({ before, after }: EntryMove): boolean =>
  before.permissions === after.permissions && before.vmsa === after.vmsa && before.asid === after.asid;

/**
 * The last change up to the cursor that set what VMPLs may do with a page, or whether it is a VMSA; a new owner gets new masks.
 * Null: none is kept.
 */
export function permissionsSetAt(record: Recorded, log: RmpLog, pfn: number): RmpMomentView | null {
  const { p, journal, cursor } = record;
  const head = pfn - (pfn % PAGES);
  const touching = log
    .of(p, journal)
    .filter(({ index, first, count }) => {
      const end = first + count;
      return index < cursor && ((pfn >= first && pfn < end) || (head >= first && head < end));
    })
    .reverse();
  for (const change of touching) {
    const move = entryMoveOf(p, journal, change, pfn);
    if (!move || isAlike(move)) continue;
    const { asp: _, ...moment } = momentOf(record, change.index);
    return moment;
  }
  return null;
}
