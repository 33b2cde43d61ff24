import type { Action } from '../engine/actions';
import { memoryMap, pageCount } from '../engine/memory/regions';
import { domains } from '../engine/xen/domain';
import { encodeLink } from '../history/permalink';
import type { Player } from '../history/player';
import { saveSession } from '../history/saved';
import type { Opened } from './opener';
import type { GuestSummary, Status } from './protocol';
import { spanView } from './views/timeline';
import { pageOf } from './views/touches';

/** Most pages that are marked as touched by the action at the cursor, and changes looked through for them. */
const HOT_PAGES = 4096;
const HOT_CHANGES = 20_000;
/** A link never carries files beyond this; it would not fit anyway. */
const LINKED_FILES = 16 * 1024;

/** Everything that the window shows at all times. */
export async function statusOf(opened: Opened, actionsRevision: number): Promise<Status> {
  const { player, scenarioId } = opened;
  const { session } = player;
  const { machine, actions, bootEnd } = session;
  const { change: cursor, action, spans } = session.position();
  const performed = actions[action];
  const atEnd = performed?.end === cursor;
  return {
    config: session.config,
    pageCount: pageCount(session.config),
    regions: memoryMap(session.config),
    cursor,
    length: session.length,
    bootEnd,
    action,
    actionsRevision,
    actionCount: actions.length,
    spans: [...spans].reverse().map(spanView),
    lamps: player.lamps.at(cursor),
    guests: domains(machine)
      .filter(({ alive }) => alive)
      .map((domain): GuestSummary => {
        const { id, name, alive, sev, asid, memory, core } = domain;
        return {
          id,
          name,
          alive,
          sev,
          asid,
          memory,
          core,
          objects: machine.state.cell('guest', id)?.objects ?? [],
        };
      }),
    powered: machine.state.cell('power')?.on === true,
    forked: session.forked,
    firstKept: session.journal.firstKept,
    scenario: player.scenario && { id: scenarioId ?? '', step: player.stepsDone, strayed: player.strayed },
    outcome:
      performed && atEnd
        ? {
            result: performed.outcome.ok ? performed.outcome.value : null,
            fault: performed.outcome.ok ? null : performed.outcome.fault,
          }
        : null,
    link: await linkOf(opened),
    hot: hotPages(player, performed?.start ?? 0, cursor),
  };
}

/** A line of actions that fills a link already: whatever follows makes it no shorter. */
interface Overfull {
  readonly last: number;
  readonly action: object;
  readonly length: number;
}

const overfull = new WeakMap<object, Overfull>();

async function linkOf({ player, scenarioId, builtIn }: Opened): Promise<Status['link']> {
  const { session } = player;
  if (builtIn && scenarioId && !player.strayed && !session.forked) {
    const step = player.stepsDone;
    const offset = session.position().change - player.endOfStep(step);
    const link =
      offset < 0
        ? null
        : await encodeLink<Action>({ kind: 'scenario', id: scenarioId, step, offset, view: '' });
    if (typeof link === 'string') return { hash: link };
  }
  const known = overfull.get(session);
  if (known && session.actions[known.last] === known.action) return { tooLong: known.length };
  const link = await playLink(player);
  const last = session.actions.length - 1;
  const action = session.actions[last];
  if ('tooLong' in link && action) overfull.set(session, { last, action, length: link.tooLong });
  return link;
}

async function playLink({ session }: Player): Promise<Status['link']> {
  const saved = saveSession(session, '');
  let files = 0;
  for (const bytes of saved.blobs.values()) files += bytes.length;
  if (files > LINKED_FILES) return { tooLong: files };
  const link = await encodeLink<Action>({ kind: 'play', saved });
  return typeof link === 'string' ? { hash: link } : link;
}

function hotPages({ session }: Player, start: number, cursor: number): Uint32Array {
  const { journal } = session;
  const hot = new Set<number>();
  const first = Math.max(start, journal.firstKept, cursor - HOT_CHANGES);
  for (let index = cursor - 1; index >= first && hot.size < HOT_PAGES; index--) {
    const change = journal.at(index);
    if (change.store !== 'dram' && change.store !== 'page') continue;
    const page = pageOf(change);
    if (page !== null) hot.add(page);
  }
  return Uint32Array.from(hot);
}
