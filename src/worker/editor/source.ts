import type { ScenarioSource } from '../editorProtocol';
import type { Opened } from '../opener';
import { keepText, keptText } from './kept';
import { scenarioText } from './texts';

const SUFFIX = '.scenario.yaml';

/** The text of the open script, null in free play. What came without a text, in a link or a session, is written anew. */
export async function sourceOf({ player, scenarioId }: Opened): Promise<ScenarioSource | null> {
  const { scenario } = player;
  if (!scenario || scenarioId === null) return null;
  const own = keptText(player);
  const builtIn = own === null ? await scenarioText(scenarioId) : null;
  const text = own ?? builtIn;
  const name = builtIn === null ? scenarioId : `${scenarioId}${SUFFIX}`;
  if (builtIn !== null) keepText(player, builtIn);
  if (text !== null) return { name, builtIn: builtIn === null ? null : scenarioId, text, asWritten: true };
  const { stringify } = await import('yaml');
  const written = stringify(scenario, { lineWidth: 110, collectionStyle: 'any' });
  keepText(player, written);
  return { name, builtIn: null, text: written, asWritten: false };
}
