import type { Action } from '../engine/actions';
import { definitionOf } from '../engine/actions';
import type { PerformedSummary } from '../engine/core/vocabulary';
import type { PerformedAction } from '../history/engine';

/** A performed action as the script and the timeline name it. */
export function performedSummary(performed: PerformedAction<Action>, index: number): PerformedSummary {
  const { action, start, end, outcome } = performed;
  const definition = definitionOf(action.type);
  return {
    index,
    action,
    actor: definition?.actor ?? 'hypervisor',
    who: definition?.who(action as never) ?? 'xen',
    title: definition?.describe(action as never) ?? action.type,
    start,
    end,
    fault: outcome.ok ? null : outcome.fault.name,
    result: outcome.ok ? outcome.value : null,
  };
}
