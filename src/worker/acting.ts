import type { Action } from '../engine/actions';
import type { Outcome } from '../engine/core/fault';
import type { Json } from '../engine/core/json';
import type { Desk } from './desk';
import type { Opened } from './opener';

/** Work at a stretch before the worker listens again, in milliseconds. */
const SLICE = 12;
/** Between two pictures of a machine at work, in milliseconds. */
const LIVE = 150;

/** What the worker's surroundings provide. */
export interface Surroundings {
  readonly now: () => number;
  /** Resolves in a later macrotask. */
  readonly pause: () => Promise<void>;
}

/** Who makes the line of actions longer or shorter, and tells the window. */
export interface Acting {
  /** Does something to the line of actions, then tells. */
  readonly acting: <T>(work: () => T | Promise<T>) => Promise<T>;
  /** Performs an action in slices while nothing else may begin; the window sees its pages change. Progress: 0 … 1. */
  readonly inSlices: (action: Action, onProgress: (done: number) => void) => Promise<Outcome<Json>>;
  /** Takes back what is performed in slices. */
  readonly cancel: () => void;
}

/** @param current the open session, followed by a player. */
export function createActing(desk: Desk, current: () => Opened, { now, pause }: Surroundings): Acting {
  let cancelled = false;

  const acting = async <T>(work: () => T | Promise<T>): Promise<T> => {
    const { session } = current().player;
    const before = session.actions.slice();
    const done = await work();
    const { actions } = current().player.session;
    if (before.some((action, i) => actions[i] !== action)) desk.actionsRevision++;
    else if (actions.length !== before.length) desk.grown();
    await desk.push();
    return done;
  };

  const inSlices: Acting['inSlices'] = async (action, onProgress) => {
    desk.working = true;
    cancelled = false;
    let shown = now();
    try {
      return await acting(() =>
        current().player.session.performSliced(action, {
          budgetMs: SLICE,
          now,
          pause,
          onProgress: ({ done, total }) => {
            onProgress(done / total);
            if (now() - shown < LIVE) return;
            desk.pushLive();
            shown = now();
          },
          cancelled: () => cancelled,
        }),
      );
    } finally {
      desk.working = false;
    }
  };

  return {
    acting,
    inSlices,
    cancel: () => {
      cancelled = true;
    },
  };
}
