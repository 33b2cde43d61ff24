import { type Action, actionSchema, vocabulary } from '../engine/actions';
import type { Fault, Outcome } from '../engine/core/fault';
import type { Json } from '../engine/core/json';
import { noRoomFor } from '../engine/guest/grow';
import { look } from '../engine/look';
import type { Machine } from '../engine/machine';
import { domainNamed } from '../engine/xen/domain';
import { checked } from '../history/located';
import { SCENARIO_CARDS } from '../scenario/library';
import { type Opened, open } from './opener';
import { between, type Feed, wholePicture } from './pageFeed';
import type { EngineApi, Move, Refusal, Reply, Update } from './protocol';
import type { Queries } from './queries';
import { statusOf } from './status';

/** Work at a stretch before the worker listens again, in milliseconds. */
const SLICE = 12;

/** What the worker's surroundings provide. */
export interface Surroundings {
  readonly now: () => number;
  /** Resolves in a later macrotask. */
  readonly pause: () => Promise<void>;
}

const fine = <T>(value: T): Reply<T> => ({ ok: true, value });
const refused = (
  title: string,
  message: string,
  where: string | null = null,
): { ok: false; refusal: Refusal } => ({
  ok: false,
  refusal: { title, message, where },
});

const BUSY = refused('One thing at a time', 'The machine is still at work; cancel that first.');

/** What moves the session; the questions about it are loaded when the first is asked. */
type Commands = Omit<EngineApi, keyof Queries>;

function withQueries(commands: Commands, current: () => Opened): EngineApi {
  let loading: Promise<Queries> | null = null;
  const ask = async (name: keyof Queries, args: unknown[]): Promise<unknown> => {
    loading ??= import('./queries').then(({ queries }) => queries(current));
    return ((await loading)[name] as (...args: unknown[]) => unknown)(...args);
  };
  return new Proxy(commands as EngineApi, {
    get: (own, name) =>
      name in own ? own[name as keyof Commands] : (...args: unknown[]) => ask(name as keyof Queries, args),
  });
}

/** The machine behind the window: one open session, the commands that move it, and the questions that it answers. */
export function createHost(surroundings: Surroundings): EngineApi {
  let opened: Opened | null = null;
  let tell: ((update: Update) => void) | null = null;
  let revision = 0;
  let actionsRevision = 0;
  let working = false;
  let cancelled = false;
  /** The machine and the cursor of which the window holds a picture. */
  let shown: { machine: Machine; cursor: number; line: number } | null = null;

  const current = (): Opened => {
    if (!opened) throw new Error('no session is open yet');
    return opened;
  };

  const feed = (): Feed => {
    const { session } = current().player;
    const cursor = session.position().change;
    const known = shown;
    shown = { machine: session.machine, cursor, line: actionsRevision };
    if (!known || known.machine !== session.machine || known.line !== actionsRevision)
      return wholePicture(session.state);
    return between(session.state, known.cursor, cursor, session.journal.firstKept, (index) =>
      session.journal.at(index),
    );
  };

  /** Sends the window what moved. Actions that only follow the line keep the picture; a cut or a new line sends it whole. */
  const push = async () => {
    const { patch, whole } = feed();
    const status = await statusOf(current(), actionsRevision);
    tell?.({ revision: ++revision, patch, whole, status });
    return status;
  };

  /** Does something to the line of actions, then tells. */
  const acting = async <T>(work: () => T | Promise<T>): Promise<T> => {
    const { session } = current().player;
    const before = session.actions.slice();
    const done = await work();
    const { actions } = current().player.session;
    if (before.some((action, i) => actions[i] !== action)) actionsRevision++;
    else if (actions.length !== before.length && shown) {
      actionsRevision++;
      shown = { ...shown, line: actionsRevision };
    }
    await push();
    return done;
  };

  const outcomeOf = (outcome: Outcome<Json>): { result: Json; fault: Fault | null } =>
    outcome.ok ? { result: outcome.value, fault: null } : { result: null, fault: outcome.fault };

  const go = (move: Move): Reply<null> => {
    const { player } = current();
    const { session } = player;
    switch (move.to) {
      case 'change':
        session.seek(Math.min(Math.max(0, Math.trunc(move.change)), session.length));
        return fine(null);
      case 'action':
        if (move.action < -1 || move.action >= session.actions.length)
          return refused('No such action', `There are ${session.actions.length} actions.`);
        session.seekAction(move.action, move.edge);
        return fine(null);
      case 'step':
        session.step(move.by);
        return fine(null);
      case 'over':
        session.over(move.by);
        return fine(null);
      case 'into':
        session.into();
        return fine(null);
      case 'out':
        session.out();
        return fine(null);
      case 'fault':
        return session.runToFault(move.by)
          ? fine(null)
          : refused(
              'No refusal there',
              move.by > 0
                ? 'Nothing is refused after this moment.'
                : 'Nothing was refused before this moment.',
            );
      case 'script': {
        const result = player.goToStep(move.step);
        return result.ok ? fine(null) : refused('The script cannot go there', result.message);
      }
    }
  };

  const commands: Commands = {
    connect: async (onUpdate) => {
      tell = onUpdate;
      return { vocabulary: vocabulary(), scenarios: SCENARIO_CARDS };
    },

    open: async (place) => {
      if (working) return BUSY;
      const result = await open(place, opened);
      if (!result.ok) return result;
      opened = result.value;
      shown = null;
      actionsRevision++;
      return fine(await push());
    },

    perform: async (action) => {
      if (working) return BUSY;
      const result = checked(actionSchema, action, 'the action');
      if (!result.ok) return refused('This cannot be done', result.message, result.where);
      return fine(outcomeOf(await acting(() => current().player.session.performNow(result.value))));
    },

    load: async (file, onProgress) => {
      if (working) return BUSY;
      const { session } = current().player;
      const domain = domainNamed(session.machine, file.guest);
      const fault = domain.ok
        ? noRoomFor(session.machine, domain.value, file.name, file.bytes.length)
        : domain.fault;
      if (fault) return refused(`${file.name} was not loaded`, `${fault.message} ${fault.remedy}`, file.name);
      const blob = session.addBlob(file.bytes);
      const action = checked(
        actionSchema,
        {
          type: 'guest.load',
          guest: file.guest,
          blob,
          name: file.name,
          ...(file.width === undefined ? {} : { width: file.width, height: file.height }),
        },
        file.name,
      );
      if (!action.ok) return refused('This file cannot be loaded', action.message, file.name);
      working = true;
      cancelled = false;
      try {
        const outcome = await acting(() => loadInSlices(action.value, (done) => onProgress(done, file.name)));
        if (!outcome.ok)
          return refused(
            `${file.name} was not loaded`,
            `${outcome.fault.message} ${outcome.fault.remedy}`,
            file.name,
          );
        return fine({ address: Number((outcome.value as { at: number }).at) });
      } finally {
        working = false;
      }
    },

    cancel: async () => {
      cancelled = true;
    },

    move: async (move) => {
      if (working) return BUSY;
      return acting(() => go(move));
    },

    fork: async () => {
      if (working) return BUSY;
      return acting(() => {
        current().player.session.fork();
        return fine(null);
      });
    },

    returnToMain: async () => {
      if (working) return BUSY;
      return acting(() => {
        current().player.session.returnToMain();
        return fine(null);
      });
    },

    console: async (line) => {
      if (working) return { tone: 'refused', lines: ['The machine is still at work.'] };
      const { runLine } = await import('./console/run');
      return acting(() => {
        const { session } = current().player;
        return runLine(line, {
          vocabulary: vocabulary(),
          perform: (action) => session.performNow(action),
          host: {
            look: (eye, address, length) => look(session.machine, eye, address, length),
            move: (move) => void go(move),
            place: () => `change ${session.position().change} of ${session.length}`,
            digest: () => session.digest(),
          },
        });
      });
    },
  };
  return withQueries(commands, current);

  function loadInSlices(action: Action, onProgress: (done: number) => void): Promise<Outcome<Json>> {
    return current().player.session.performSliced(action, {
      budgetMs: SLICE,
      now: surroundings.now,
      pause: surroundings.pause,
      onProgress: ({ done, total }) => onProgress(done / total),
      cancelled: () => cancelled,
    });
  }
}
