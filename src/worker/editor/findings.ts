import type { Player } from '../../history/player';
import { stepPlaces } from '../../scenario/stepPlaces';
import type { Finding, ScriptFindings } from '../editorProtocol';

/** What did not hold after the steps taken, and where the script goes no further, each at its place in the text. */
export function findingsOf(player: Player, text: string): ScriptFindings {
  const steps = stepPlaces(text);
  const placed = (step: number, action = 0): { line: number; column: number } => {
    const place = steps[step - 1];
    const { line = 1, column = 1 } = place?.actions[action - 1] ?? place ?? {};
    return { line, column };
  };
  const failed = player.steps.flatMap((_, index) =>
    player.failures(index + 1).map((message): Finding => ({ ...placed(index + 1), kind: 'failed', message })),
  );
  const { stuck } = player;
  const blocked: Finding[] = stuck
    ? [{ ...placed(stuck.step, stuck.action), kind: 'stuck', message: stuck.message }]
    : [];
  return { findings: [...failed, ...blocked], steps };
}
