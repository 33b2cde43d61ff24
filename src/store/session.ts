import type { JsonObject } from '../engine/core/json';
import { EngineClient, EngineGone, startWorker } from '../worker/client';
import type { EngineApi, Host, Move, Place, Reply } from '../worker/protocol';
import { keptPlaces, leaveSaved, staySaved } from './autosave';
import { applyUpdate, engineStore } from './engine';
import { firstPicture } from './firstPicture';
import { gathering } from './gathering';
import { notify, notifyRefusal, settleNotices } from './notices';
import { refreshScript } from './script';
import { openRoom } from './view';

/** How the next new address is written: as a place to come back to, or over the one before. */
export type Trail = 'push' | 'replace';

let trail: Trail = 'replace';

/** Read by the router when the session's address has changed. A trail serves once. */
export function takeTrail(): Trail {
  const taken = trail;
  trail = 'replace';
  return taken;
}

const client = new EngineClient({
  spawn: startWorker,
  onUpdate: applyUpdate,
  onAsked: (unanswered) => gathering.asked(unanswered),
  onConnection: (connection) => {
    engineStore.setState({ connection });
    if (connection.state === 'ready') void readCatalogue();
    if (connection.state !== 'down') return;
    notify({
      tone: 'crash',
      title: 'The simulated machine keeps failing',
      message: `It was restarted several times and stopped again (${connection.reason}).`,
      offer: { label: 'Start with a fresh machine', perform: () => client.restart() },
    });
  },
  kept: keptPlaces,
  onUnanswered: (reason) =>
    notify({
      tone: 'crash',
      title: 'A view got no answer',
      message:
        'The machine stands and nothing is lost, but one question about it failed. The mistake is ours.',
      where: reason,
    }),
  onReopened: (status, reason) => {
    notify({
      tone: 'crash',
      title: 'The simulated machine failed and was restarted',
      message: status
        ? 'Your session was replayed to the same moment. The mistake was ours, not yours.'
        : 'Your session could not be replayed, so this is a fresh machine. The mistake was ours, not yours.',
      where: reason,
    });
    void refreshScript(engine);
  },
});

export const engine: EngineApi = client.api;

/** What actors can do, and the library; they never change, and the first picture does without them. */
async function readCatalogue(): Promise<void> {
  await firstPicture;
  if (engineStore.getState().vocabulary.length > 0) return;
  const catalogue = await engine.catalogue().catch(() => null);
  if (catalogue) engineStore.setState(catalogue);
}

/** True once the worker stands; false if it does not come up, which has been said. */
export const connected = (): Promise<boolean> =>
  client.ready().then(
    () => true,
    () => false,
  );

/** The value of a reply, or null after a refusal, which is shown, or a crash, which has been. */
async function settled<T>(asked: Promise<Reply<T>>): Promise<{ readonly value: T } | null> {
  try {
    const reply = await asked;
    if (reply.ok) return { value: reply.value };
    notifyRefusal(reply.refusal);
  } catch (error) {
    if (!(error instanceof EngineGone)) throw error;
  }
  return null;
}

/** Something is being done: how its address will be written, and what was said before is over. */
export function begin(how: Trail): void {
  trail = how;
  if (how === 'push') settleNotices();
}

/** Opens another session. Refused input leaves the present one as it is. */
export async function openPlace(place: Place, how: Trail = 'push'): Promise<boolean> {
  begin(how);
  leaveSaved();
  const opened = await settled(engine.open(place));
  if (!opened) {
    staySaved();
    return false;
  }
  openRoom(null);
  // The usual place needs no more than what comes with the worker, and asks for more when it is on the screen.
  if (place.kind === 'usual') void firstPicture.then(() => refreshScript(engine));
  else await refreshScript(engine);
  return true;
}

/**
 * Whoever leaves the script, or the line that has already happened, gets a way back to it. If nothing comes of what was
 * tried, the way is taken at once.
 */
export async function branchingOff<T>(attempt: () => Promise<Reply<T>>): Promise<Reply<T>> {
  const { status } = engineStore.getState();
  const leaves =
    status !== null &&
    !status.forked &&
    (status.cursor < status.length || (status.scenario !== null && !status.scenario.strayed));
  if (leaves) await engine.fork();
  const reply = await attempt();
  if (leaves && !reply.ok) await engine.returnToMain();
  return reply;
}

/** Lets an actor act. A fault is an outcome, and is shown with the rule that refused. */
export const perform = (action: JsonObject): Promise<boolean> => performAll([action]);

/** One thing a person does that is several actions: one place to come back to. Ends where one cannot even be tried. */
export async function performAll(actions: readonly JsonObject[]): Promise<boolean> {
  begin('push');
  for (const action of actions) if (!(await performOne(action))) return false;
  return true;
}

async function performOne(action: JsonObject): Promise<boolean> {
  const done = await settled(branchingOff(() => engine.perform(action)));
  const fault = done?.value.fault;
  if (fault)
    notify({ tone: 'fault', title: `${fault.name}: ${fault.rule.says}`, message: fault.message, fault });
  return done !== null;
}

export async function move(where: Move, how: Trail = 'push'): Promise<boolean> {
  begin(how);
  return (await settled(engine.move(where))) !== null;
}

/** Shows the other host; what is done is still done on the first. */
export async function viewHost(host: Host): Promise<void> {
  await settled(engine.viewHost(host));
}

/** Goes on from here on a branch of its own, to which `returnToMain` is the way back. */
export async function fork(): Promise<void> {
  begin('push');
  await settled(engine.fork());
}

/** Back to the line that was left; own actions on it end with the last step of the script. */
export async function returnToMain(): Promise<void> {
  const { status } = engineStore.getState();
  begin('push');
  if (status?.forked) await settled(engine.returnToMain());
  else if (status?.scenario?.strayed)
    await settled(engine.move({ to: 'script', step: status.scenario.step }));
}

/** Scrubbing: many moves asked, one at a time performed, the latest wins. */
let wanted: number | null = null;
let scrubbing = false;

export async function scrubTo(change: number): Promise<void> {
  wanted = change;
  if (scrubbing) return;
  scrubbing = true;
  while (wanted !== null) {
    const next: number = wanted;
    wanted = null;
    await move({ to: 'change', change: next }, 'replace');
  }
  scrubbing = false;
}
