import type { MachineConfig } from '../../engine/core/config';
import { Player } from '../../history/player';
import type { Slicing } from '../../history/session';
import { machineOf, type Other } from '../../scenario/machine';
import { usesPicture } from '../../scenario/ownPicture';
import { parseScenario } from '../../scenario/parse';
import type { Scenario } from '../../scenario/schema';
import { mitigationOf } from '../../scenario/variant';
import type { Draft, Rerun } from '../editorProtocol';
import type { Opened } from '../opener';
import { keepText } from './kept';
import { scenarioText } from './texts';

const LONGEST_NAME = 128;

/** How a draft fared: what to open, or why not. */
type Attempt = Exclude<Rerun, { state: 'ran' }> | { readonly state: 'ran'; readonly opened: Opened };

/**
 * Follows a draft from its beginning to the step that it asks for, or as far as it goes, on the machine that the session before it
 * was moved to. @throws ActionError when an action's handler breaks.
 */
export async function runDraft(draft: Draft, current: Opened, slicing: Slicing): Promise<Attempt> {
  const parsed = parseScenario(draft.text, draft.name);
  if (!parsed.ok) {
    const { line, column, reason } = parsed.refusal;
    return { state: 'refused', finding: { line, column, kind: 'form', message: reason } };
  }
  const { scenario } = parsed;
  const before = current.player;
  const other = variantOf(before, scenario);
  const config = machineOf(scenario, other);
  const picture = usesPicture(scenario) ? before.picture : null;
  const player = Player.start(config, scenario, { picture, mitigation: other.mitigation });
  keepText(player, draft.text);
  await slicing.pause();
  await player.goToStepSliced(Math.min(draft.step, player.steps.length), slicing);
  if (slicing.cancelled()) return { state: 'cancelled' };
  const same = draft.from !== null && (await scenarioText(draft.from)) === draft.text;
  const builtIn = same && !picture && !other.mitigation && sameMachine(config, machineOf(scenario));
  const scenarioId = same ? draft.from : draft.name.slice(0, LONGEST_NAME);
  return { state: 'ran', opened: { player, scenarioId, builtIn } };
}

/** What the visitor has changed about the machine of the script before, unless the draft now says something else there. */
function variantOf({ session, scenario, mitigation }: Player, draft: Scenario): Other {
  if (!scenario) return {};
  const { technology, generation, seed, without } = session.config;
  const [home, next] = [machineOf(scenario), machineOf(draft)];
  return {
    ...(technology !== home.technology && next.technology === home.technology ? { technology } : {}),
    ...(seed !== home.seed && next.seed === home.seed ? { seed } : {}),
    ...(generation !== home.generation && next.generation === home.generation ? { generation } : {}),
    ...(without !== home.without && next.without === home.without ? { without } : {}),
    mitigation: mitigation !== null && mitigationOf(draft, mitigation) ? mitigation : null,
  };
}

const sameMachine = (a: MachineConfig, b: MachineConfig): boolean => JSON.stringify(a) === JSON.stringify(b);
