import { Player } from '../../history/player';
import type { SandboxLevel } from './levels';
import { machineFor, setUpOf } from './setUp';

/** A game before its first move. @throws Error when the set-up cannot be done: a mistake of ours. */
export function start(level: SandboxLevel, seed?: number): Player {
  const player = Player.start(machineFor(level, seed));
  for (const action of setUpOf(level)) {
    const outcome = player.session.performNow(action);
    if (!outcome.ok) throw new Error(`${level}, ${action.type}: ${outcome.fault.message}`);
  }
  return player;
}
