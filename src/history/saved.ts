import { sha256 } from '@noble/hashes/sha2.js';
import { partialConfigSchema } from '../engine/configSchema';
import { toHex } from '../engine/core/bytes';
import type { MachineConfig } from '../engine/core/config';
import { FIX_NAMES } from '../engine/core/fixNames';
import { chars, whole, z } from '../engine/core/zod';
import { fromBase64, toBase64 } from './base64';
import type { Blobs, Engine, PowerOn } from './engine';
import { checked, type Located, located } from './located';
import { VIEW } from './scenarioLink';
import { Session } from './session';
import { upgradeDocument } from './upgrade';

const MOST_ACTIONS = 10_000;

export const viewSchema = z.string().check(z.regex(VIEW, 'at most 40 of a-z, 0-9 and @ . : - are allowed'));

/** Everything that a session is made of: performing the actions gives all the rest again. */
export interface SavedSession<A> {
  readonly config: MachineConfig;
  readonly actions: readonly A[];
  /** `offset` changes into that action; -1 is the power-on. */
  readonly cursor: { readonly action: number; readonly offset: number };
  readonly view: string;
  readonly blobs: Blobs;
  /** The script that is being followed, or was left. */
  readonly script?: SavedScript | undefined;
}

/** Enough to go on with a script: which, how far, and the visitor's picture in it. */
export interface SavedScript {
  readonly id: string;
  /** Steps done, where steps without actions leave the position open. */
  readonly steps: number;
  /** The switch of its attack that is on. */
  readonly mitigation?: string | undefined;
  /** The whole script, when it is none of the library's; its form is checked by whoever opens it. */
  readonly scenario?: unknown;
  /** Its name, and its framed pixels among the files. */
  readonly picture?: { readonly name: string; readonly blob: string } | undefined;
}

type SavedConfig = Omit<MachineConfig, 'fixes'> & { readonly fixes?: MachineConfig['fixes'] | undefined };

/**
 * Whole: a part that is left out would change with the defaults of a later release. Only the list of fixes is left out while
 * nothing is in it, and the check that the machine lacks while it lacks none.
 */
const configSchema: z.ZodMiniType<SavedConfig> = z.extend(z.required(partialConfigSchema), {
  fixes: partialConfigSchema.shape.fixes,
  without: partialConfigSchema.shape.without,
});

function savedConfig({ fixes, ...rest }: MachineConfig): SavedConfig {
  return fixes.length === 0 ? rest : { ...rest, fixes };
}

const wholeConfig = ({ fixes, ...rest }: SavedConfig): MachineConfig => ({
  ...rest,
  fixes: FIX_NAMES.filter((name) => fixes?.includes(name)),
});

const documentSchema = <A>(actionSchema: z.ZodMiniType<A>) =>
  z.strictObject({
    config: configSchema,
    actions: z.array(actionSchema).check(z.maxLength(MOST_ACTIONS, `at most ${MOST_ACTIONS} actions`)),
    cursor: z.strictObject({ action: z.int().check(z.minimum(-1)), offset: z.int().check(z.minimum(0)) }),
    view: viewSchema,
    blobs: z.record(z.string(), z.string()),
    script: z.optional(scriptSchema),
  });

const scriptSchema: z.ZodMiniType<SavedScript> = z.strictObject({
  id: chars(1, 128),
  steps: whole(0, MOST_ACTIONS),
  mitigation: z.optional(chars(1, 32)),
  scenario: z.optional(z.unknown()),
  picture: z.optional(z.strictObject({ name: chars(1, 64), blob: chars(64, 64) })),
});

/** The session's line as it stands (inside a what-if: that line), with the files that its actions and its script name. */
export function saveSession<A, E extends Engine<A>>(
  session: Session<A, E>,
  view: string,
  script?: SavedScript,
): SavedSession<A> {
  const actions = session.actions.map((performed) => performed.action);
  const { change, action } = session.position();
  const offset = change - (action < 0 ? 0 : session.actions[action]!.start);
  const text = JSON.stringify(actions);
  const named = (name: string): boolean => text.includes(name) || script?.picture?.blob === name;
  const blobs = new Map([...session.blobs].filter(([name]) => named(name)));
  return {
    config: session.config,
    actions,
    cursor: { action, offset },
    view,
    blobs,
    ...(script && { script }),
  };
}

/**
 * Performs a saved session again. A cursor behind its action's last change (made by another release) stands at the end.
 * @throws ActionError when an action's handler breaks.
 */
export function openSaved<A, E extends Engine<A> = Engine<A>>(
  saved: SavedSession<A>,
  powerOn: PowerOn<E>,
  budget?: number,
): Session<A, E> {
  const session = new Session<A, E>({ config: saved.config, powerOn, blobs: saved.blobs, budget });
  for (const action of saved.actions) session.performNow(action);
  placeCursor(session, saved.cursor);
  return session;
}

export function placeCursor<A, E extends Engine<A>>(
  session: Session<A, E>,
  { action, offset }: SavedSession<A>['cursor'],
): void {
  const { change } = session.seekAction(action, 'end');
  const wanted = (action < 0 ? 0 : session.actions[action]!.start) + offset;
  if (wanted < change) session.seek(wanted);
}

/** The plain form for JSON, in the current version. */
export function toDocument<A>(saved: SavedSession<A>): object {
  const blobs = Object.fromEntries([...saved.blobs].map(([name, bytes]) => [name, toBase64(bytes)]));
  return { ...saved, config: savedConfig(saved.config), blobs };
}

/** Upgrades and checks a document of a known version. */
export function fromDocument<A>(
  version: number,
  document: unknown,
  actionSchema: z.ZodMiniType<A>,
): Located<SavedSession<A>> {
  const result = checked(documentSchema(actionSchema), upgradeDocument(version, document), 'the session');
  if (!result.ok) return result;
  const { actions, cursor } = result.value;
  if (cursor.action >= actions.length) {
    return located(
      'cursor.action',
      `The cursor is at action ${cursor.action}, but there are ${actions.length}.`,
    );
  }
  const blobs = new Map<string, Uint8Array>();
  for (const [name, text] of Object.entries(result.value.blobs)) {
    const bytes = fromBase64(text);
    const where = `blobs.${name.slice(0, 12)}`;
    if (!bytes) return located(where, `The file ${name.slice(0, 12)} is not base64.`);
    if (toHex(sha256(bytes)) !== name)
      return located(where, `The file ${name.slice(0, 12)} is not what its name says.`);
    blobs.set(name, bytes);
  }
  const picture = result.value.script?.picture?.blob;
  if (picture !== undefined && !blobs.has(picture))
    return located('script.picture', 'The script’s own picture is not among the files.');
  return { ok: true, value: { ...result.value, config: wholeConfig(result.value.config), blobs } };
}
