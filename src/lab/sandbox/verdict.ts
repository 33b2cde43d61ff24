import type { Player } from '../../history/player';
import { GOAL_FACTS, GOALS, type Goal } from './goals';
import { isGoingOn } from './goingOn';
import type { SandboxLevel } from './levels';
import { GameRecord } from './record';
import { mayDo, type Role } from './roles';
import { levelPlayed, setUpOf } from './setUp';

/** A goal that the moves up to the cursor have reached. */
export interface Score {
  readonly goal: Goal;
  /** Counted from 1. */
  readonly move: number;
  /** The cursor’s first position at which it is reached. */
  readonly change: number;
  readonly sentence: string;
}

/** How a game stands at the cursor. */
export interface Verdict {
  readonly level: SandboxLevel;
  /** Moves up to the cursor, and in all. */
  readonly moves: number;
  readonly length: number;
  readonly reached: readonly Score[];
  /** The first move that neither the role nor Alice makes of her own accord; from there on nothing counts. */
  readonly foul: { readonly move: number; readonly type: string } | null;
}

/** The game that a session is, judged by what its record shows; null where it is none. */
export function judge(player: Player, role: Role): Verdict | null {
  const { session } = player;
  const actions = session.actions.map(({ action }) => action);
  const level = levelPlayed(session.config, actions);
  if (!level) return null;
  const setUp = setUpOf(level).length;
  const record = new GameRecord(player, setUp);
  if (record.cursor < record.begin) return null;
  const foulAt = record.moves.findIndex(
    ({ action }) => !mayDo(role, action.type) && !isGoingOn(level, action),
  );
  const foul = foulAt < 0 ? null : { move: foulAt + 1, type: record.moves[foulAt]!.action.type };
  const reached = GOALS.flatMap((goal): Score[] => {
    const found = GOAL_FACTS[goal].reached(record, level);
    const move = found ? record.moveOf(found.change) : 0;
    if (!found || (foul && move >= foul.move)) return [];
    return [{ goal, move, change: found.change + 1, sentence: found.sentence }];
  });
  return { level, moves: record.moves.length, length: actions.length - setUp, reached, foul };
}
