import type { Action } from '../engine/actions';
import { actionSchema } from '../engine/actions';
import { completeConfig, type PartialConfig } from '../engine/config';
import { partialConfigSchema } from '../engine/configSchema';
import type { MachineConfig } from '../engine/core/config';
import { decodeFile } from '../history/file';
import { checked } from '../history/located';
import { decodeLink, type LinkPlace } from '../history/permalink';
import { Player, powerOn } from '../history/player';
import { openSaved, type SavedScript, type SavedSession } from '../history/saved';
import { loadScenario, SCENARIO_IDS } from '../scenario/library';
import { machineOf } from '../scenario/machine';
import { FRAMED_LENGTH, framed, type OwnPicture, type Pixels, usesPicture } from '../scenario/ownPicture';
import type { Scenario } from '../scenario/schema';
import type { Place } from './protocol';
import { refused } from './replies';
import type { Opening, Shown } from './shown';

/** A session with somebody who can go on in its script. */
export interface Opened extends Shown {
  readonly player: Player;
}

/** Opens a place; what is refused says why and changes nothing. */
export async function open(
  place: Exclude<Place, { kind: 'usual' }>,
  current: Opened | null,
): Promise<Opening> {
  switch (place.kind) {
    case 'scenario':
      return openScenario(place.id, place.step, 0);
    case 'machine':
      return withConfig(place.config, (config) => play(Player.start(completeConfig(config))));
    case 'reconfigure':
      return withConfig(place.config, (config) => reconfigure(config, current));
    case 'picture':
      return withPicture(place.picture, current);
    case 'link':
      return openLink(place.hash);
    case 'file':
      return openFile(place.name, place.bytes);
  }
}

const play = (player: Player): Opening => ({ ok: true, value: { player, scenarioId: null, builtIn: false } });

function withConfig(config: unknown, use: (config: PartialConfig) => Opening): Opening {
  const result = checked(partialConfigSchema, config, 'the configuration');
  return result.ok ? use(result.value) : refused('No such machine', result.message, result.where);
}

async function openScenario(id: string, step: number, offset: number): Promise<Opening> {
  const scenario = await loadScenario(id);
  if (!scenario)
    return refused('No such scenario', `There is no scenario called ${id.slice(0, 40)}.`, 'the link');
  return follow(scenario, machineOf(scenario), { id, builtIn: true, step, offset });
}

function follow(
  scenario: Scenario,
  config: MachineConfig,
  how: { id: string; builtIn: boolean; step: number; offset: number; picture?: OwnPicture | null },
): Opening {
  const player = Player.start(config, scenario, { picture: how.picture });
  if (how.step > player.steps.length)
    return refused(
      'No such step',
      `The scenario has ${player.steps.length} steps, not ${how.step}.`,
      'the link',
    );
  const result = player.goToStep(how.step);
  if (!result.ok) return refused('The scenario cannot be followed', result.message, how.id);
  if (how.offset > 0) {
    const from = player.session.position().change;
    if (how.step < player.steps.length) player.goToStep(how.step + 1);
    player.session.seek(Math.min(from + how.offset, player.session.length));
  }
  return { ok: true, value: { player, scenarioId: how.id, builtIn: how.builtIn } };
}

/** The same script, or the same actions, on another machine. */
function reconfigure(change: PartialConfig, current: Opened | null): Opening {
  if (!current) return play(Player.start(completeConfig(change)));
  const { player, scenarioId } = current;
  const { generation, technology, memory, seed, sme, encryption, ...rest } = player.session.config;
  const kept = {
    ...rest,
    generation,
    technology,
    memory,
    seed,
    ...(change.technology && change.technology !== technology ? {} : { sme }),
    ...(change.generation && change.generation !== generation ? {} : { encryption }),
  };
  const config = completeConfig({ ...kept, memoryMap: [...rest.memoryMap], ...change });
  if (player.scenario && !player.strayed) {
    return follow(player.scenario, config, {
      id: scenarioId ?? '',
      builtIn: isLibrarys(scenarioId, player.picture, config, player.scenario),
      step: player.stepsDone,
      offset: 0,
      picture: player.picture,
    });
  }
  const saved: SavedSession<Action> = {
    config,
    actions: player.session.actions.map(({ action }) => action),
    cursor: { action: player.session.actions.length - 1, offset: Number.MAX_SAFE_INTEGER },
    view: '',
    blobs: player.session.blobs,
  };
  return play(new Player(openSaved(saved, powerOn)));
}

/** The script of a scenario from its beginning to where it is, with another picture. */
function withPicture(picture: (Pixels & { readonly name: string }) | null, current: Opened | null): Opening {
  const title = 'This picture cannot be used';
  const scenario = current?.player.scenario;
  if (!scenario || !usesPicture(scenario))
    return refused(title, 'The open scenario loads no picture.', picture?.name);
  const { player, scenarioId } = current;
  const { config } = player.session;
  if (picture && picture.bytes.length !== picture.width * picture.height * 4)
    return refused(title, 'Each pixel has four bytes; here there are more or fewer.', picture.name);
  const own = picture && { name: picture.name, bytes: framed(picture) };
  return follow(scenario, config, {
    id: scenarioId ?? '',
    builtIn: isLibrarys(scenarioId, own, config, scenario),
    step: player.stepsDone,
    offset: 0,
    picture: own,
  });
}

/** Is it a scenario of the library as it is there, so that a short link can name it? */
const isLibrarys = (
  id: string | null,
  picture: OwnPicture | null,
  config: MachineConfig,
  scenario: Scenario,
): boolean =>
  id !== null && SCENARIO_IDS.includes(id) && !picture && sameMachine(config, machineOf(scenario));

const sameMachine = (a: MachineConfig, b: MachineConfig): boolean => JSON.stringify(a) === JSON.stringify(b);

async function openLink(hash: string): Promise<Opening> {
  const link = await decodeLink(hash, actionSchema);
  if (!link.ok) return refused('This link cannot be opened', link.message, link.where);
  return openPlace(link.value);
}

function openPlace(place: LinkPlace<Action>): Opening | Promise<Opening> {
  if (place.kind === 'scenario') return openScenario(place.id, place.step, place.offset);
  return resume(place.saved);
}

async function openFile(name: string, bytes: Uint8Array): Promise<Opening> {
  if (/\.ya?ml$/i.test(name)) {
    let text: string;
    try {
      text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    } catch {
      return refused('This scenario cannot be read', `${name} is not text in UTF-8.`, name);
    }
    const { parseScenario } = await import('../scenario/parse');
    const parsed = parseScenario(text, name);
    if (!parsed.ok) {
      const { file, line, column, reason } = parsed.refusal;
      return refused('This scenario cannot be read', reason, `${file}, line ${line}, column ${column}`);
    }
    return follow(parsed.scenario, machineOf(parsed.scenario), {
      id: name,
      builtIn: false,
      step: 0,
      offset: 0,
    });
  }
  const file = decodeFile(bytes, actionSchema);
  if (!file.ok)
    return refused('This session cannot be read', `${name}: ${file.message}`, `${name}, ${file.where}`);
  return resume(file.value);
}

/** A saved session, and its script if it had one that is still known. */
async function resume(saved: SavedSession<Action>): Promise<Opening> {
  const { script } = saved;
  const scenario = script && (await scriptOf(script));
  if (!script || !scenario) return play(new Player(openSaved(saved, powerOn)));
  const bytes = script.picture && saved.blobs.get(script.picture.blob);
  const picture =
    script.picture && bytes?.length === FRAMED_LENGTH ? { name: script.picture.name, bytes } : null;
  const player = Player.resume(saved, scenario, { steps: script.steps, picture });
  const builtIn = isLibrarys(script.id, picture, saved.config, scenario);
  return { ok: true, value: { player, scenarioId: script.id, builtIn } };
}

async function scriptOf({ id, scenario }: SavedScript): Promise<Scenario | null> {
  if (scenario === undefined) return loadScenario(id);
  const { scenarioSchema } = await import('../scenario/schema');
  const parsed = checked(scenarioSchema, scenario, 'the script');
  return parsed.ok ? parsed.value : null;
}
