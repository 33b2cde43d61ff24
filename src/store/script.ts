import type { PerformedSummary } from '../engine/core/vocabulary';
import type { EngineApi } from '../worker/protocol';
import { engineStore } from './engine';

/** Fetches the script of the open scenario; its steps do not change while it is open. */
export async function refreshScript(engine: Pick<EngineApi, 'script'>): Promise<void> {
  const script = await engine.script().catch(() => null);
  engineStore.setState({ script });
}

const sameAction = (a: PerformedSummary | undefined, b: PerformedSummary | undefined): boolean =>
  a !== undefined && b !== undefined && a.title === b.title && a.start === b.start && a.end === b.end;

/** Grows the list of performed actions by what is new; fetches all of it when the past is another one. */
export async function newestActions(
  known: readonly PerformedSummary[],
  count: number,
  fetch: EngineApi['actions'],
): Promise<readonly PerformedSummary[]> {
  if (count === 0) return [];
  const overlap = Math.min(known.length, count) - 1;
  if (overlap < 0) return fetch(0);
  const fresh = await fetch(overlap);
  return sameAction(known[overlap], fresh[0]) ? [...known.slice(0, overlap), ...fresh] : fetch(0);
}

/** Keeps `actions` up to date with the machine, one question at a time. */
export function followActions(engine: Pick<EngineApi, 'actions'>): () => void {
  let seen = -1;
  let asking = false;
  const follow = async (): Promise<void> => {
    if (asking) return;
    asking = true;
    for (let status = engineStore.getState().status; status && status.actionsRevision !== seen; ) {
      seen = status.actionsRevision;
      const { actions } = engineStore.getState();
      const newest = await newestActions(actions, status.actionCount, (from) => engine.actions(from)).catch(
        () => null,
      );
      if (newest) engineStore.setState({ actions: newest });
      status = engineStore.getState().status;
    }
    asking = false;
  };
  void follow();
  return engineStore.subscribe(() => void follow());
}
