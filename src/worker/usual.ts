import { LAMP_NAMES } from '../engine/core/lamps';
import { type Hands, Machine } from '../engine/machine';
import { Session } from '../history/session';
import { loadScenario, SCENARIO_IDS } from '../scenario/library';
import { machineOf } from '../scenario/machine';
import type { Shown } from './shown';

/** Nobody has done anything that could break a property. */
const ALL_HOLD: Shown['player']['lamps'] = {
  at: () => LAMP_NAMES.map((name) => ({ name, violated: false, evidence: null })),
};

/**
 * What a plain visit sees: the first scenario of the library, before its first step. Nothing has been performed yet, so
 * this needs none of the code that performs: `hands` may still be on their way.
 */
export async function openUsual(hands: () => Hands | null): Promise<Shown> {
  const [id = ''] = SCENARIO_IDS;
  const scenario = await loadScenario(id);
  if (!scenario) throw new Error('the library is empty');
  const session: Shown['player']['session'] = new Session({
    config: machineOf(scenario),
    powerOn: (config, recorder, blobs) => new Machine(config, recorder, blobs, hands()),
  });
  const player = {
    session,
    scenario,
    lamps: ALL_HOLD,
    stepsDone: 0,
    strayed: false,
    endOfStep: () => session.bootEnd,
  };
  return { player, scenarioId: id, builtIn: true };
}
