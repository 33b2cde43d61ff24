import type { LoggedSpan, SpanLog } from '../../../history/spanLog';
import type { StackCall } from '../../protocol';
import { factsOf, laneOf, MAILBOX } from './facts';
import { type ReadChange, type Ring, ringAround, ringOf } from './mailbox';

/** Most calls of one picture; deeper ones go first. */
const MOST = 600;
/** Longest driver call that is looked through for writes that nobody answered. */
const LONGEST_SILENCE = 64;

export interface Calls {
  readonly calls: readonly StackCall[];
  readonly leftOut: number;
}

/** The spans of one action. Its own, which is named like the action, is no call: its parts stand for it. */
export function callsOf(spans: SpanLog, action: number, type: string | null, read: ReadChange): Calls {
  const all = spansOf(spans, action).filter(({ depth, name }) => depth > 0 || name !== type);
  const shown = shallowest(all);
  const calls: StackCall[] = [];
  const placed = new Map<number, StackCall>();
  const put = (call: StackCall): StackCall => {
    calls.push(call);
    placed.set(call.id, call);
    return call;
  };
  const ringPut = (ring: Ring, id: number, caller: StackCall | null): StackCall =>
    put(rung(ring, id, caller));
  for (const span of shown) {
    let caller = (span.parent === null ? null : placed.get(span.parent)) ?? null;
    const within = span.parent === null ? null : spans.get(span.parent);
    if (span.layer === 'asp' && within && within.layer !== 'asp') {
      const ring = ringAround(span, within, read);
      if (ring) caller = ringPut(ring, -1 - span.id, caller);
    }
    const call = put(called(span, caller));
    if (isSilent(span, call, shown)) {
      const ring = ringOf(span.start, span.end, read);
      if (ring) ringPut(ring, -1 - span.id, call);
    }
  }
  return { calls, leftOut: all.length - shown.length };
}

function spansOf(spans: SpanLog, action: number): LoggedSpan[] {
  const found: LoggedSpan[] = [];
  for (let id = spans.first; id < spans.end; id++) {
    const span = spans.get(id);
    if (span?.action === action) found.push(span);
    else if (found.length > 0) break;
  }
  return found;
}

/** As many whole depths as there is room for, in the order in which they began. */
function shallowest(all: readonly LoggedSpan[]): readonly LoggedSpan[] {
  if (all.length <= MOST) return all;
  const depths = all.map(({ depth }) => depth).sort((a, b) => a - b);
  const deepest = depths[MOST] ?? 0;
  return all.filter(({ depth }) => depth < deepest).slice(0, MOST);
}

/** A driver's call inside which no firmware ran. */
const isSilent = (span: LoggedSpan, call: StackCall, shown: readonly LoggedSpan[]): boolean =>
  call.lane === 'asp-driver' &&
  span.end > span.start &&
  span.end - span.start <= LONGEST_SILENCE &&
  !shown.some(({ layer, parent }) => layer === 'asp' && parent === span.id);

function called(span: LoggedSpan, caller: StackCall | null): StackCall {
  const { id, name, layer, actor, args, result, fault, start, end } = span;
  const lane = laneOf(name, layer, caller?.lane ?? null);
  const { status } = factsOf(name, lane);
  return {
    id,
    parent: caller?.id ?? null,
    level: (caller?.level ?? 0) + 1,
    lane,
    name,
    actor,
    args,
    result,
    fault,
    start,
    end,
    status,
    proposed: isProposed(status) || (caller?.proposed ?? false),
  };
}

const isProposed = (status: StackCall['status']): boolean =>
  status === 'rfc' || status === 'branch' || status === 'hypothetical';

const rung = ({ start, end, command, written, answered }: Ring, id: number, caller: StackCall | null) => ({
  id,
  parent: caller?.id ?? null,
  level: (caller?.level ?? 0) + 1,
  lane: 'mailbox' as const,
  name: `CmdResp = 0x${command.toString(16).padStart(2, '0')} << 16`,
  actor: 'xen',
  args: written,
  result: Object.keys(answered).length > 0 ? answered : null,
  fault: null,
  start,
  end,
  status: factsOf(MAILBOX, 'mailbox').status,
  proposed: caller?.proposed ?? false,
});
