import type { Action } from '../engine/actions';
import { type SavedScript, type SavedSession, saveSession } from '../history/saved';
import { isBuiltIn } from '../scenario/builtIn';
import type { Shown } from './shown';

/** Everything that the open session is made of, its script included. */
export function keep({ player, scenarioId }: Shown): SavedSession<Action> {
  const { session, scenario, picture, mitigation } = player;
  if (!scenario || !scenarioId) return saveSession(session, '');
  const script: SavedScript = {
    id: scenarioId,
    steps: player.stepsDone,
    ...(mitigation ? { mitigation } : {}),
    ...(isBuiltIn(scenarioId) ? {} : { scenario }),
    ...(picture ? { picture: { name: picture.name, blob: picture.blob } } : {}),
  };
  return saveSession(session, '', script);
}
