import { type Action, DEFINITIONS, definitionOf } from '../../engine/actions';
import type { Player } from '../../history/player';
import { GOAL_FACTS, GOALS } from '../../lab/sandbox/goals';
import { goingOn } from '../../lab/sandbox/goingOn';
import { mayDo, type Role } from '../../lab/sandbox/roles';
import { gpaOf, PLACE_NAMES, setUpOf } from '../../lab/sandbox/setUp';
import { judge, type Verdict } from '../../lab/sandbox/verdict';
import { boardOf, hintsTo } from '../../lab/sandbox/ways';
import type { GamePlace, GameView, GoalView } from '../sandboxProtocol';

/** The open game as the window shows it; null where none is open. */
export function gameView(player: Player, role: Role): GameView | null {
  const verdict = judge(player, role);
  if (!verdict) return null;
  const { level, moves, length, foul } = verdict;
  const { session } = player;
  const before = setUpOf(level).length - 1;
  return {
    level,
    moves,
    length,
    before,
    goals: GOALS.map((goal) => goalView(goal, verdict, role)),
    foul: foul && { move: foul.move, title: titleOf(session.actions[before + foul.move]?.action) },
    alice: goingOn(level),
    places: placesOf(player, verdict),
    allowed: DEFINITIONS.map(({ type }) => type).filter((type) => mayDo(role, type)),
  };
}

function goalView(goal: GoalView['goal'], { level, reached }: Verdict, role: Role): GoalView {
  const { title, says, lamp } = GOAL_FACTS[goal];
  const score = reached.find((each) => each.goal === goal) ?? null;
  return { goal, title, says, lamp, reached: score, hints: hintsTo(goal, role, level) };
}

const titleOf = (action: Action | undefined): string =>
  action ? (definitionOf(action.type)?.describe(action as never) ?? action.type) : '';

function placesOf({ session }: Player, { level }: Verdict): GamePlace[] {
  const board = boardOf(session.machine, level);
  return PLACE_NAMES.flatMap((name) =>
    board ? [{ name, gpa: gpaOf(level, name), spa: board.spa(name) }] : [],
  );
}
