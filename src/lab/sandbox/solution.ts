import { type Action, definitionOf } from '../../engine/actions';
import type { Player } from '../../history/player';
import type { Scenario, Step } from '../../scenario/schema';
import { GOAL_FACTS } from './goals';
import { LEVELS } from './levels';
import type { Role } from './roles';
import { setUpOf } from './setUp';
import { judge, type Verdict } from './verdict';

/** Steps that a scenario file may have, but for the set-up’s. */
const MOST_STEPS = 63;
const LONGEST_TITLE = 80;

/**
 * A game up to the cursor as a scenario file: the set-up, then a step a move; of very long games several moves a step. Null where
 * no game is open.
 */
export function solutionOf(player: Player, role: Role): Scenario | null {
  const verdict = judge(player, role);
  if (!verdict) return null;
  const { level, moves } = verdict;
  const { title, machine } = LEVELS[level];
  const { session } = player;
  const setUp = setUpOf(level);
  const each = Math.ceil(moves / MOST_STEPS) || 1;
  const actions = session.actions.slice(setUp.length, setUp.length + moves).map(({ action }) => action);
  const steps = Array.from({ length: Math.ceil(moves / each) }, (_, n) =>
    stepOf(actions.slice(n * each, (n + 1) * each), reachedIn(verdict, n * each, each)),
  );
  return {
    title: `My attack on ${title}`,
    summary: summaryOf(verdict, role),
    rows: [],
    machine: { ...machine, seed: session.config.seed },
    steps: [
      {
        title: 'The set-up',
        narration: `Alice keeps a PIN and a balance, serves a page, takes mail, and has a program. Protected by ${title}.`,
        do: [...setUp],
      },
      ...steps,
    ],
  };
}

const reachedIn = ({ reached }: Verdict, from: number, count: number): Verdict['reached'] =>
  reached.filter(({ move }) => move > from && move <= from + count);

function stepOf(actions: readonly Action[], reached: Verdict['reached']): Step {
  const [first] = actions;
  const title = first ? describeMove(first) : '';
  return {
    title: title.length > LONGEST_TITLE ? `${title.slice(0, LONGEST_TITLE - 1)}…` : title,
    narration:
      reached.map(({ goal, sentence }) => `${GOAL_FACTS[goal].title}: ${sentence}`).join(' ') ||
      (first && definitionOf(first.type)?.help) ||
      title,
    do: [...actions],
    ...(reached.length > 0 && {
      expect: reached.map(({ goal }) => ({ lamp: GOAL_FACTS[goal].lamp, is: 'red' as const })),
    }),
  };
}

function summaryOf({ moves, reached }: Verdict, role: Role): string {
  const found = reached.map(({ goal, move }) => `“${GOAL_FACTS[goal].title}” at move ${move}`);
  return `Played as the ${role}, ${moves} moves: ${found.join(', ') || 'no goal reached'}.`;
}

const describeMove = (action: Action): string =>
  definitionOf(action.type)?.describe(action as never) ?? action.type;
