import type { Player } from '../history/player';
import { applicable, conclude } from '../lab/attempt';
import { isFor } from '../scenario/meantFor';
import type { Step } from '../scenario/schema';
import type { AimView, AttackView } from './attackProtocol';

/** The open attack as the window shows it; null for any other scenario. */
export function attackView(player: Player): AttackView | null {
  const { scenario, mitigation } = player;
  const attack = scenario?.attack;
  if (!scenario || !attack) return null;
  const { tier, year, paper, powers, hurts, violates } = attack;
  return {
    tier,
    year,
    paper,
    cve: attack.cve ?? [],
    bulletins: attack.bulletins ?? [],
    powers,
    hurts,
    violates,
    applicable: applicable(scenario, player.session.config.technology),
    mitigations: (attack.mitigations ?? []).map(({ id, says }) => ({ id, says, on: id === mitigation })),
    outcome: outcomeOf(player),
  };
}

function outcomeOf(player: Player): AttackView['outcome'] {
  if (player.strayed || player.stepsDone < player.steps.length) return null;
  const { outcome: word, check, rule, says, step } = conclude(player);
  return { word, check, rule, says, step };
}

/** What the attacker wants after a step of the script, and whether it was reached; null where it wants nothing. */
export function aimView(step: Step, player: Player, number: number): AimView | null {
  if (!step.aim || !isFor(step, player.session.config.technology)) return null;
  const reached = player.aim(number);
  return { says: step.aim.says, reached: reached?.reached ?? null, shown: reached?.says ?? '' };
}
