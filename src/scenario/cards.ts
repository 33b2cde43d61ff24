import type { PROMISED } from '../engine/core/lamps';
import cards from './library/cards.json';
import type { Scenario } from './schema';

/** What the list of scenarios shows of one before it is loaded. */
export interface ScenarioCard {
  readonly id: string;
  readonly title: string;
  readonly summary: string;
  readonly technology: string;
  readonly rows: readonly string[];
  readonly steps: number;
  /** The lamps that turn red in it; absent: none. */
  readonly breaks?: readonly (typeof PROMISED)[number][];
}

/** Cards of the library, in its order. Made from the files; `library.test.ts` says when they are out of date. */
export const SCENARIO_CARDS: readonly ScenarioCard[] = cards as readonly ScenarioCard[];

/** The card of a scenario. */
export const cardOf = (id: string, scenario: Scenario, technology: string): ScenarioCard => ({
  id,
  title: scenario.title,
  summary: scenario.summary,
  technology,
  rows: scenario.rows,
  steps: scenario.steps.length,
  ...(scenario.breaks ? { breaks: scenario.breaks } : {}),
});
