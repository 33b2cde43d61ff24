import type { Action } from '../../../engine/actions';
import type { XenTree } from '../../../engine/core/config';
import { STATUSES } from '../../../engine/core/status';
import { LAYERS, type LayerId } from '../../../engine/xen/path/layers';
import type { PerformedAction } from '../../../history/engine';
import type { Journal } from '../../../history/journal';
import type { CallFacts, Passed, StackCall, StackLane, StackView } from '../../protocol';
import { performedSummary } from '../../summary';
import { callsOf } from './calls';
import { factsOf, MAILBOX } from './facts';
import type { ReadChange } from './mailbox';

export const LANES: readonly StackLane[] = (Object.keys(LAYERS) as LayerId[]).map((id) => {
  const { name, privilege, role, status, sevPart = null } = LAYERS[id];
  return { id, name, privilege, role, status, sevPart };
});

export interface StackSession {
  readonly journal: Journal;
  readonly actions: readonly PerformedAction<Action>[];
  readonly bootEnd: number;
}

/** The calls of one action in their layers, with how a refusal came up through them. */
export function stackView(
  { journal, actions, bootEnd }: StackSession,
  action: number,
  xen: XenTree,
): StackView {
  const performed = actions[action];
  const summary = performed && performedSummary(performed, action);
  const read: ReadChange = (index) =>
    index >= journal.firstKept && index < journal.length ? journal.at(index) : null;
  const type = performed?.action.type ?? null;
  const { calls, leftOut } = callsOf(journal.spans, action, type, read);
  return {
    action,
    title: summary?.title ?? 'Power on',
    type,
    start: performed?.start ?? 0,
    end: performed?.end ?? bootEnd,
    xen,
    lanes: LANES,
    calls,
    leftOut,
    facts: factsIn(calls),
    statuses: STATUSES,
    refusal: refusalIn(calls),
  };
}

const factsIn = (calls: readonly StackCall[]): Record<string, CallFacts> =>
  Object.fromEntries(
    calls.map(({ name, lane }) => [name, factsOf(lane === 'mailbox' ? MAILBOX : name, lane)] as const),
  );

/** From the call that decided, which is the last and deepest one that the outermost refusal came from, to the outermost. */
function refusalIn(calls: readonly StackCall[]): Passed[] {
  const outermost = calls.find(({ parent, fault }) => parent === null && fault !== null);
  if (!outermost) return [];
  const path = [outermost];
  for (;;) {
    const inner = calls.findLast(
      (call) => call.fault?.rule.id === outermost.fault?.rule.id && call.parent === path[0]?.id,
    );
    if (!inner) break;
    path.unshift(inner);
  }
  const behind = path[0] && refusedBehind(calls, path[0]);
  if (behind) path.unshift(behind);
  return path.map(({ id, fault }, i) => {
    const says = fault?.message ?? null;
    return { id, says: says === path[i - 1]?.fault?.message ? null : says };
  });
}

/** The firmware's command behind the mailbox that a driver's call rang; the mailbox itself refuses nothing. */
function refusedBehind(calls: readonly StackCall[], { id, fault }: StackCall): StackCall | undefined {
  const ring = calls.findLast(({ parent, lane }) => parent === id && lane === 'mailbox');
  return calls.findLast(
    (call) => call.parent === ring?.id && call.fault !== null && call.fault.rule.id === fault?.rule.id,
  );
}
