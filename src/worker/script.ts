import { definitionOf } from '../engine/actions';
import type { Player } from '../history/player';
import { isFor } from '../scenario/meantFor';
import { usesPicture } from '../scenario/ownPicture';
import type { Step } from '../scenario/schema';
import { aimView, attackView } from './attack';
import type { ScenarioStepView, ScenarioView } from './protocol';

/** The script as the window shows it; a step's view is known once the step was taken. */
export function scriptView(id: string, player: Player): ScenarioView | null {
  const { scenario } = player;
  if (!scenario) return null;
  const { title, summary, rows, steps } = scenario;
  return {
    id,
    title,
    summary,
    rows,
    steps: steps.map((step, index) => stepView(step, player, index + 1)),
    picture: usesPicture(scenario) ? { own: player.picture?.name ?? null } : null,
    attack: attackView(player),
  };
}

function stepView(step: Step, player: Player, number: number): ScenarioStepView {
  const action = step.do?.[0];
  const definition = action ? definitionOf(action.type) : null;
  const view = player.view(number);
  const here = isFor(step, player.session.config.technology);
  return {
    title: step.title,
    narration: step.narration,
    actor: definition?.actor ?? 'hypervisor',
    who: definition && action ? whoOf(definition, action) : '',
    view: view && {
      ...(view.tab === null ? {} : { tab: view.tab }),
      ...(view.page === null ? {} : { page: view.page }),
      ...(view.eye === null ? {} : { eye: view.eye }),
    },
    predict:
      step.predict && here
        ? { ask: step.predict.ask, options: step.predict.options.map(({ say }) => say) }
        : null,
    only: here ? null : (step.tech ?? null),
    aim: aimView(step, player, number),
  };
}

/** Guests are named in an action before its addresses are known. */
const whoOf = (definition: NonNullable<ReturnType<typeof definitionOf>>, action: object): string =>
  definition.who(action as never);
