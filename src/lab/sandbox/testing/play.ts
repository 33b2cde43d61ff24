import type { Json } from '../../../engine/core/json';
import type { Player } from '../../../history/player';
import { start } from '../game';
import type { Goal } from '../goals';
import type { SandboxLevel } from '../levels';
import type { Role } from '../roles';
import { boardOf, wayTo } from '../ways';

interface Cell {
  readonly level: SandboxLevel;
  readonly role: Role;
  readonly goal: Goal;
}

/** Plays a known way; `before` is told of the game before each move. @throws Error when a move is refused, or none is known. */
export function playWay({ level, role, goal }: Cell, before: (player: Player) => void = () => {}): Player {
  const player = start(level);
  const [board, way] = [boardOf(player.session.machine, level), wayTo(goal, role, level)];
  if (!board || !way) throw new Error('no way is known');
  const moves = way(board);
  let next = moves.next();
  while (!next.done) {
    before(player);
    const outcome = player.session.performNow(next.value);
    if (!outcome.ok) throw new Error(outcome.fault.message);
    next = moves.next(outcome.value as Record<string, Json>);
  }
  return player;
}
