import type { Scenario } from '../scenario/schema';
import { type Attempt, attempt, type Variant } from './attempt';
import { levelsFrom, MITIGATED } from './levels';

/** One cell of the matrix: an attack on a machine. `column`: the level, or the name of the mitigation. */
export interface CellPlan {
  readonly attack: string;
  readonly column: string;
  readonly variant: Variant;
}

/** What there is to compute of one attack, in the order of the columns. */
export function plan(id: string, { attack }: Scenario): CellPlan[] {
  const levels = levelsFrom(attack?.from).map(({ name, technology }) => ({
    attack: id,
    column: name,
    variant: { technology, mitigation: null },
  }));
  const switches = (attack?.mitigations ?? []).map(({ id: mitigation }) => ({
    attack: id,
    column: mitigation,
    variant: { technology: MITIGATED, mitigation },
  }));
  return [...levels, ...switches];
}

/** Computes one cell at once. @throws Error when a step cannot be done: a mistake in the script. */
export function compute(scenario: Scenario, { variant }: CellPlan): Attempt {
  const running = attempt(scenario, variant);
  for (;;) {
    const { done, value } = running.next();
    if (done) return value;
  }
}
