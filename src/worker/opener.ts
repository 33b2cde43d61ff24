import type { Action } from '../engine/actions';
import { actionSchema } from '../engine/actions';
import { completeConfig, type PartialConfig } from '../engine/config';
import { partialConfigSchema } from '../engine/configSchema';
import type { MachineConfig, Technology } from '../engine/core/config';
import { decodeFile } from '../history/file';
import { checked } from '../history/located';
import { decodeLink, type LinkPlace } from '../history/permalink';
import { type Following, Player, powerOn } from '../history/player';
import { openSaved, type SavedScript, type SavedSession } from '../history/saved';
import { MITIGATED } from '../lab/levels';
import { start } from '../lab/sandbox/game';
import { levelOf, SANDBOX_LEVELS, type SandboxLevel } from '../lab/sandbox/levels';
import { judge } from '../lab/sandbox/verdict';
import { isBuiltIn } from '../scenario/builtIn';
import { loadScenario } from '../scenario/library';
import { machineOf } from '../scenario/machine';
import { FRAMED_LENGTH, framed, type OwnPicture, type Pixels, usesPicture } from '../scenario/ownPicture';
import type { Scenario } from '../scenario/schema';
import { mitigationOf } from '../scenario/variant';
import { keepText } from './editor/kept';
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
      return openScenario(place, 0);
    case 'machine':
      return withConfig(place.config, (config) => play(Player.start(completeConfig(config))));
    case 'reconfigure':
      return withConfig(place.config, (config) => reconfigure(config, current));
    case 'game':
      return game(place.level);
    case 'mitigation':
      return withMitigation(place.mitigation, current);
    case 'picture':
      return withPicture(place.picture, current);
    case 'link':
      return openLink(place.hash);
    case 'file':
      return openFile(place.name, place.bytes);
  }
}

const play = (player: Player): Opening => ({ ok: true, value: { player, scenarioId: null, builtIn: false } });

function game(level: SandboxLevel, seed?: number): Opening {
  if (!SANDBOX_LEVELS.includes(level)) return refused('No such game', 'It is played on another level.');
  return play(start(level, seed));
}

function withConfig(config: unknown, use: (config: PartialConfig) => Opening): Opening {
  const result = checked(partialConfigSchema, config, 'the configuration');
  return result.ok ? use(result.value) : refused('No such machine', result.message, result.where);
}

/** A built-in scenario at a step, perhaps on another technology than its own. */
type ScenarioPlace = Omit<Extract<Place, { kind: 'scenario' }>, 'kind'>;

async function openScenario(
  { id, step, technology, mitigation, generation, without }: ScenarioPlace,
  offset: number,
): Promise<Opening> {
  const scenario = await loadScenario(id);
  if (!scenario)
    return refused('No such scenario', `There is no scenario called ${id.slice(0, 40)}.`, 'the link');
  if (mitigation !== undefined && !mitigationOf(scenario, mitigation))
    return refused('No such mitigation', `${scenario.title} has no mitigation ${mitigation}.`, 'the link');
  const config = machineOf(scenario, { ...(technology && { technology }), mitigation, generation, without });
  const builtIn = isLibrarys(id, null, config, { scenario, mitigation: mitigation ?? null });
  return follow(scenario, config, { id, builtIn, step, offset, mitigation });
}

function follow(
  scenario: Scenario,
  config: MachineConfig,
  how: { id: string; builtIn: boolean; step: number; offset: number } & Following,
): Opening {
  const player = Player.start(config, scenario, { picture: how.picture, mitigation: how.mitigation });
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
  const { technology } = change;
  if (technology && Object.keys(change).length === 1) {
    if (isVariant(current.player)) return again(current, technology, null);
    const level = judge(current.player, 'hypervisor') && levelOf(technology);
    if (level && !current.player.scenario) return game(level, current.player.session.config.seed);
  }
  return withParts(change, current);
}

/** The script on its own machine, from its beginning to where it is, with another technology or switch. */
function again({ player, scenarioId }: Opened, technology: Technology, mitigation: string | null): Opening {
  const { scenario, picture } = player;
  if (!scenario) throw new Error('there is no script to follow again');
  const { seed } = player.session.config;
  const config = machineOf(scenario, { technology, mitigation, seed });
  return follow(scenario, config, {
    id: scenarioId ?? '',
    builtIn: isLibrarys(scenarioId, picture, config, { scenario, mitigation }),
    step: player.stepsDone,
    offset: 0,
    picture,
    mitigation,
  });
}

/** The script of an attack with one of its switches on, or with none. A switch is meant for SEV-SNP, so it brings that along. */
function withMitigation(mitigation: string | null, current: Opened | null): Opening {
  const scenario = current?.player.scenario;
  if (!current || !scenario || (mitigation !== null && !mitigationOf(scenario, mitigation)))
    return refused('No such mitigation', 'The open scenario has no such switch.');
  const { technology } = current.player.session.config;
  return again(current, mitigation === null ? technology : MITIGATED, mitigation);
}

/** Some parts of the machine as they are said, the others as they were. */
function withParts(change: PartialConfig, current: Opened): Opening {
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
      builtIn: isLibrarys(scenarioId, player.picture, config, player),
      step: player.stepsDone,
      offset: 0,
      picture: player.picture,
      mitigation: player.mitigation,
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
    builtIn: isLibrarys(scenarioId, own, config, player),
    step: player.stepsDone,
    offset: 0,
    picture: own,
    mitigation: player.mitigation,
  });
}

/** Is it a scenario of the library as it is there, or a variant of one, so that a short link can name it? */
const isLibrarys = (
  id: string | null,
  picture: OwnPicture | null,
  config: MachineConfig,
  { scenario, mitigation }: Pick<Player, 'scenario' | 'mitigation'>,
): boolean =>
  id !== null &&
  isBuiltIn(id) &&
  !picture &&
  scenario !== null &&
  sameMachine(config, machineOf(scenario, { technology: config.technology, mitigation }));

/** Is this the machine that its script names, but for technology, seed and switch? */
const isVariant = ({ scenario, session: { config }, mitigation, strayed }: Player): boolean =>
  scenario !== null &&
  !strayed &&
  sameMachine(config, machineOf(scenario, { technology: config.technology, seed: config.seed, mitigation }));

const sameMachine = (a: MachineConfig, b: MachineConfig): boolean => JSON.stringify(a) === JSON.stringify(b);

async function openLink(hash: string): Promise<Opening> {
  const link = await decodeLink(hash, actionSchema);
  if (!link.ok) return refused('This link cannot be opened', link.message, link.where);
  return openPlace(link.value);
}

function openPlace(place: LinkPlace<Action>): Opening | Promise<Opening> {
  if (place.kind === 'scenario') return openScenario(place, place.offset);
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
    const opening = follow(parsed.scenario, machineOf(parsed.scenario), {
      id: name,
      builtIn: false,
      step: 0,
      offset: 0,
    });
    if (opening.ok) keepText(opening.value.player, text);
    return opening;
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
  const { steps, mitigation = null } = script;
  const player = Player.resume(saved, scenario, { steps, picture, mitigation });
  const builtIn = isLibrarys(script.id, picture, saved.config, player);
  return { ok: true, value: { player, scenarioId: script.id, builtIn } };
}

async function scriptOf({ id, scenario }: SavedScript): Promise<Scenario | null> {
  if (scenario === undefined) return loadScenario(id);
  const { scenarioSchema } = await import('../scenario/schema');
  const parsed = checked(scenarioSchema, scenario, 'the script');
  return parsed.ok ? parsed.value : null;
}
