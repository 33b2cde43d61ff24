import type { Action } from '../engine/actions';
import { type SavedScript, type SavedSession, saveSession } from '../history/saved';
import { SCENARIO_IDS } from '../scenario/library';
import type { Shown } from './shown';

/** Everything that the open session is made of, its script included. */
export function keep({ player, scenarioId }: Shown): SavedSession<Action> {
  const { session, scenario, picture } = player;
  if (!scenario || !scenarioId) return saveSession(session, '');
  const script: SavedScript = {
    id: scenarioId,
    steps: player.stepsDone,
    ...(SCENARIO_IDS.includes(scenarioId) ? {} : { scenario }),
    ...(picture ? { picture: { name: picture.name, blob: picture.blob } } : {}),
  };
  return saveSession(session, '', script);
}
