import { definitionOf } from '../../engine/actions';
import { machineOf } from '../../scenario/machine';
import type { Scenario, Step } from '../../scenario/schema';
import type { ComparedScript } from './protocol';

/** A script as a comparison shows it. */
export function comparedScript(id: string, scenario: Scenario): ComparedScript {
  const { title, steps, attack } = scenario;
  return {
    id,
    title,
    steps: steps.map((step) => ({
      title: step.title,
      narration: step.narration,
      who: whoOf(step),
      only: step.tech ?? null,
    })),
    home: machineOf(scenario).technology,
    attack: attack
      ? {
          from: attack.from ?? 'sme',
          mitigations: (attack.mitigations ?? []).map(({ id: name, says }) => ({ id: name, says })),
        }
      : null,
  };
}

function whoOf({ do: actions }: Step): string {
  const action = actions?.[0];
  const definition = action ? definitionOf(action.type) : null;
  return (action && definition?.who(action as never)) ?? '';
}
