import type { Action } from '../../../engine/actions';
import type { Platform } from '../../../engine/core/platform';
import type { Machine } from '../../../engine/machine';
import type { Session } from '../../../history/session';
import type { Host } from '../../protocol';
import type { GhcbView, RegistersView, VcpuChoice } from '../../registersProtocol';
import { ghcbView, markedGhcb } from './ghcbView';
import { registersView, sidesFor } from './view';

type Line = Session<Action, Machine>;

/** Longest action, in changes, whose beginning is visited: after more than that nearly everything is new. */
const LONGEST = 20_000;

/** The host that is looked at, of a machine at some moment; null: it was not on yet. */
function hostOf(machine: Machine, host: Host): Platform | null {
  if (host === 'a') return machine;
  return machine.state.hasFar ? machine.far() : null;
}

/** What a question answers before the action that led to the cursor; null where that is too far. */
function before<T>(session: Line, host: Host, ask: (p: Platform) => T): T | null {
  const { change, action } = session.position();
  const start = session.actions[action]?.start;
  if (start === undefined || start < session.journal.firstKept || change - start > LONGEST) return null;
  return session.visit(start, (machine) => {
    const p = hostOf(machine, host);
    return p && ask(p);
  });
}

/** The registers at the cursor, compared with those before the action that led there. */
export function registersNow(session: Line, host: Host, chosen: readonly VcpuChoice[]): RegistersView {
  const p = hostOf(session.machine, host);
  if (!p) return { guests: [], sides: [] };
  const sides = sidesFor(p, chosen);
  const old = before(session, host, (earlier) => registersView(earlier, sides, null).sides);
  return registersView(hostOf(session.machine, host) ?? p, sides, old);
}

/** The same for a vCPU’s GHCB. */
export function ghcbNow(session: Line, host: Host, choice: VcpuChoice): GhcbView | null {
  const old = before(session, host, (earlier) => ghcbView(earlier, choice));
  const p = hostOf(session.machine, host);
  const now = p && ghcbView(p, choice);
  return now && markedGhcb(now, old);
}
