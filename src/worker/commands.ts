import { actionSchema } from '../engine/actions';
import type { Fault, Outcome } from '../engine/core/fault';
import type { Json } from '../engine/core/json';
import { noRoomFor } from '../engine/guest/grow';
import { look } from '../engine/look';
import { domainNamed } from '../engine/xen/domain';
import { checked } from '../history/located';
import type { Acting } from './acting';
import { knownOf } from './console/knownOf';
import type { Desk } from './desk';
import type { Opened } from './opener';
import type { EngineApi, Move, Reply } from './protocol';
import { BUSY, fine, refused } from './replies';

export type { Surroundings } from './acting';

/** Only the toolstack writes on Domain-0's terminal. */
const FROM_TOOLSTACK = /^xl\./;

/** What moves the open session. */
export type Commands = Pick<
  EngineApi,
  'perform' | 'load' | 'cancel' | 'move' | 'viewHost' | 'fork' | 'returnToMain' | 'console'
>;

/** @param current the open session, followed by a player. */
export function createCommands(
  desk: Desk,
  current: () => Opened,
  { acting, inSlices, cancel }: Acting,
): Commands {
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
      case 'call':
        return session.enter(move.id)
          ? fine(null)
          : refused('No such call', 'It is not among those that are kept; go to its action first.');
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
    perform: async (action) => {
      if (desk.working) return BUSY;
      const result = checked(actionSchema, action, 'the action');
      if (!result.ok) return refused('This cannot be done', result.message, result.where);
      return fine(outcomeOf(await acting(() => current().player.session.performNow(result.value))));
    },

    load: async (file, onProgress) => {
      if (desk.working) return BUSY;
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
      const outcome = await inSlices(action.value, (done) => onProgress(done, file.name));
      if (!outcome.ok)
        return refused(
          `${file.name} was not loaded`,
          `${outcome.fault.message} ${outcome.fault.remedy}`,
          file.name,
        );
      return fine({ address: Number((outcome.value as { at: number }).at) });
    },

    cancel: async () => cancel(),

    move: async (move) => {
      if (desk.working) return BUSY;
      return acting(() => go(move));
    },

    viewHost: async (host) => {
      current();
      desk.viewHost(host);
      await desk.push();
      return fine(null);
    },

    fork: async () => {
      if (desk.working) return BUSY;
      return acting(() => {
        current().player.session.fork();
        return fine(null);
      });
    },

    returnToMain: async () => {
      if (desk.working) return BUSY;
      return acting(() => {
        current().player.session.returnToMain();
        return fine(null);
      });
    },

    console: async (line) => {
      if (desk.working) return { tone: 'refused', lines: ['The machine is still at work.'] };
      const [{ runLine }, { printedBetween }] = await Promise.all([
        import('./console/run'),
        import('./console/printed'),
      ]);
      return acting(() => {
        const { session } = current().player;
        return runLine(line, {
          known: knownOf(session.machine),
          perform: (action) => session.performNow(action),
          printed: () => {
            const last = session.actions.at(-1);
            if (!last || !FROM_TOOLSTACK.test(last.action.type)) return [];
            return printedBetween(last.start, last.end, (index) => session.journal.at(index));
          },
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
  return commands;
}
