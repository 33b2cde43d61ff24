import { useEffect, useState, useSyncExternalStore } from 'react';
import type { EngineState } from '../../store/engine';
import { gathering } from '../../store/gathering';
import { type Answer, Query } from '../../store/query';
import { engine } from '../../store/session';
import type { EngineApi } from '../../worker/protocol';
import { useEngine } from './stores';

const everyMove = (state: EngineState): number => state.revision;

/**
 * Asks the machine, and asks again whenever it has moved. `key` names the question with all that it depends on (null: none);
 * the last answer stays on screen until the next one is there, so compare `answer.key` where an old one would mislead.
 * `of` says what the answer depends on when that is less than every move of the machine.
 */
export function useEngineQuery<T>(
  key: string | null,
  ask: (engine: EngineApi) => Promise<T>,
  of: (state: EngineState) => number = everyMove,
): Answer<T> {
  const [{ query, subscribe }] = useState(() => {
    const query = new Query<T>();
    return { query, subscribe: gathering.of(query.subscribe) };
  });
  const revision = useEngine(of);
  const ready = useEngine((state) => state.status !== null && state.connection.state === 'ready');
  // biome-ignore lint/correctness/useExhaustiveDependencies: the key stands for everything that `ask` depends on
  useEffect(() => {
    if (key !== null && ready) query.want(key, revision, () => ask(engine));
  }, [key, revision, ready, query]);
  return useSyncExternalStore(subscribe, query.answer);
}
