import type { Technology } from '../engine/core/config';
import type { Mitigation } from './attack';
import { isDoneWith, isFor } from './meantFor';
import type { Scenario, ScenarioAction, Step } from './schema';

/** A switch of an attack, by its name; null for a name that it does not have. */
export const mitigationOf = ({ attack }: Scenario, id: string): Mitigation | null =>
  attack?.mitigations?.find((each) => each.id === id) ?? null;

/** Where alone an action is done. */
interface OnlySome {
  readonly tech?: readonly Technology[];
  readonly only_with?: string;
  readonly not_with?: string;
}

/** What a step does on a technology, perhaps with a switch of its attack: the victim is created with what that adds. */
export function actionsOn(
  scenario: Scenario,
  step: Step,
  technology: Technology,
  mitigation: string | null,
): ScenarioAction[] {
  if (!isFor(step, technology)) return [];
  const added = mitigation === null ? undefined : mitigationOf(scenario, mitigation)?.extra;
  return (step.do ?? [])
    .filter((action) => isFor(action as OnlySome, technology) && isDoneWith(action as OnlySome, mitigation))
    .map(({ tech: _, only_with: __, not_with: ___, ...action }) =>
      added !== undefined && createsVictim(scenario, action)
        ? { ...action, extra: [action.extra, added].filter(Boolean).join(' ') }
        : action,
    );
}

const createsVictim = ({ attack }: Scenario, { type, config }: ScenarioAction): boolean =>
  type === 'xl.create' && config === `${attack?.victim}.cfg`;
