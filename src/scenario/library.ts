import cards from './library/cards.json';
import { type Scenario, scenarioSchema } from './schema';

/** What the list of scenarios shows of one before it is loaded. */
export interface ScenarioCard {
  readonly id: string;
  readonly title: string;
  readonly summary: string;
  readonly technology: string;
  readonly rows: readonly string[];
  readonly steps: number;
}

type Load = () => Promise<{ readonly default: unknown }>;

/** The built-in scenarios in the order in which they are offered; the first one opens by itself. Id: the file's name. */
const LOADERS = {
  'three-eyes': () => import('./library/three-eyes.scenario.yaml'),
  'cold-boot': () => import('./library/cold-boot.scenario.yaml'),
} as const satisfies Record<string, Load>;

export const SCENARIO_IDS: readonly string[] = Object.keys(LOADERS);

/** Cards of all of them, in the same order. Made from the files; `library.test.ts` says when they are out of date. */
export const SCENARIO_CARDS: readonly ScenarioCard[] = cards;

/** A built-in scenario, or null when there is none of that name. */
export async function loadScenario(id: string): Promise<Scenario | null> {
  const load: Load | undefined = Object.hasOwn(LOADERS, id) ? LOADERS[id as keyof typeof LOADERS] : undefined;
  return load ? scenarioSchema.parse((await load()).default) : null;
}

/** The card of a scenario. */
export const cardOf = (id: string, scenario: Scenario, technology: string): ScenarioCard => ({
  id,
  title: scenario.title,
  summary: scenario.summary,
  technology,
  rows: scenario.rows,
  steps: scenario.steps.length,
});
