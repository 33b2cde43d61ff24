import { createStore } from 'zustand/vanilla';
import type { ActionInfo, PerformedSummary } from '../engine/core/vocabulary';
import type { Connection } from '../worker/client';
import type { AttackCard, ScenarioCard, ScenarioView, Status, Update } from '../worker/protocol';
import { PageMirror } from './pageMirror';

export interface EngineState {
  readonly connection: Connection;
  /** Grows with every move of the machine; what is drawn is stamped with it. */
  readonly revision: number;
  /** Null until the first session stands. */
  readonly status: Status | null;
  /** Everything that actors can do. */
  readonly vocabulary: readonly ActionInfo[];
  /** The library of built-in scenarios. */
  readonly scenarios: readonly ScenarioCard[];
  /** The attacks of the literature that can be run. */
  readonly attacks: readonly AttackCard[];
  /** The script of the open scenario, if one is open. */
  readonly script: ScenarioView | null;
  /** What has been performed so far, power-on excluded. */
  readonly actions: readonly PerformedSummary[];
}

export const engineStore = createStore<EngineState>(() => ({
  connection: { state: 'starting' },
  revision: 0,
  status: null,
  vocabulary: [],
  scenarios: [],
  attacks: [],
  script: null,
  actions: [],
}));

/** What is known of each page; not in the store, because a million pages change without a render. */
export const pages = new PageMirror();

/** Folds what the worker pushed into the state. Messages of one worker arrive in order. */
export function applyUpdate({ revision, status, patch, whole }: Update): void {
  if (whole) pages.replace(patch);
  else pages.apply(patch);
  engineStore.setState((before) => ({ revision, status: keepUnchanged(before.status, status) }));
}

/** What is equal in both is the same object in both, so that nothing is drawn again that did not change. */
function keepUnchanged(before: Status | null, after: Status): Status {
  if (!before) return after;
  const same = (Object.keys(after) as (keyof Status)[]).filter(
    (key) => before[key] !== after[key] && JSON.stringify(before[key]) === JSON.stringify(after[key]),
  );
  return { ...after, ...Object.fromEntries(same.map((key) => [key, before[key]])) };
}

/** The open script, if it is one of the library’s, which can be compared; else null. */
export const comparable = ({ script, scenarios, attacks }: EngineState): string | null =>
  script && [...scenarios, ...attacks].some(({ id }) => id === script.id) ? script.id : null;

export const selectAtEnd = ({ status }: EngineState): boolean =>
  status !== null && status.cursor === status.length;
