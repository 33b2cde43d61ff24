import type { Technology } from '../engine/core/config';
import type { Platform } from '../engine/core/platform';
import { memoryMap, pageCount } from '../engine/memory/regions';
import { scenarioLink } from '../history/scenarioLink';
import { machineOf } from '../scenario/machine';
import { guestSummaries } from './guests';
import type { Status } from './protocol';
import type { Followed, Late, Shown } from './shown';
import { pageOf } from './views/pageOf';
import { spanView } from './views/span';

/** Most pages that are marked as touched by the action at the cursor, and changes looked through for them. */
const HOT_PAGES = 4096;
const HOT_CHANGES = 20_000;

/** Everything that the window shows at all times. */
export async function statusOf(
  opened: Shown,
  viewed: Platform,
  actionsRevision: number,
  playLink: Late['playLink'] | undefined,
): Promise<Status> {
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
    host: viewed === machine ? 'a' : 'b',
    hosts: machine.state.hasFar ? 2 : 1,
    guests: guestSummaries(viewed),
    powered: machine.state.cell('power')?.on === true,
    forked: session.forked,
    firstKept: session.journal.firstKept,
    scenario: player.scenario && {
      id: scenarioId ?? '',
      title: player.scenario.title,
      step: player.stepsDone,
      strayed: player.strayed,
    },
    outcome:
      performed && atEnd
        ? {
            result: performed.outcome.ok ? performed.outcome.value : null,
            fault: performed.outcome.ok ? null : performed.outcome.fault,
          }
        : null,
    link: await linkOf(opened, playLink),
    hot: hotPages(player, performed?.start ?? 0, cursor),
  };
}

/** What a link says of the machine: nothing where it is the scenario’s own. */
function variantOf({ session, scenario, mitigation }: Followed): {
  technology?: Technology;
  mitigation?: string;
} {
  const { technology } = session.config;
  if (mitigation) return { technology, mitigation };
  return scenario && machineOf(scenario).technology !== technology ? { technology } : {};
}

/** A line of actions that fills a link already: whatever follows makes it no shorter. */
interface Overfull {
  readonly last: number;
  readonly action: object;
  readonly length: number;
}

const overfull = new WeakMap<object, Overfull>();

async function linkOf(opened: Shown, playLink: Late['playLink'] | undefined): Promise<Status['link']> {
  const { player, scenarioId, builtIn } = opened;
  const { session } = player;
  if (builtIn && scenarioId && !player.strayed && !session.forked) {
    const step = player.stepsDone;
    const offset = session.position().change - player.endOfStep(step);
    if (offset >= 0)
      return { hash: scenarioLink({ id: scenarioId, ...variantOf(player), step, offset, view: '' }) };
  }
  const known = overfull.get(session);
  if (known && session.actions[known.last] === known.action) return { tooLong: known.length };
  if (!playLink) throw new Error('a session of one’s own was opened before the rest of the worker was here');
  const link = await playLink(opened);
  const last = session.actions.length - 1;
  const action = session.actions[last];
  if ('tooLong' in link && action) overfull.set(session, { last, action, length: link.tooLong });
  return link;
}

function hotPages({ session }: Followed, start: number, cursor: number): Uint32Array {
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
