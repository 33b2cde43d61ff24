import type { Layer } from '../../engine/core/span';
import { capital } from '../../engine/core/words';
import type { LoggedSpan, SpanLog } from '../../history/spanLog';
import type { Timeline } from '../protocol';

/** Most blocks of one picture. */
const MOST = 2000;
/** Deeper calls than this are drawn by their callers. */
const DEEPEST = 6;

const LANES: Record<Layer, string> = {
  toolstack: 'Toolstack',
  xen: 'Xen',
  asp: 'Secure processor',
  guest: '',
  core: 'Cores',
  memory: 'Memory',
  device: 'Device',
  owner: 'Guest owner',
  physical: 'Physical',
};
const ORDER = [
  'Guest owner',
  'Toolstack',
  'Xen',
  'Secure processor',
  'guests',
  'Cores',
  'Memory',
  'Device',
  'Physical',
];

const laneOf = (span: LoggedSpan): string => LANES[span.layer] || capital(span.actor);
const rank = (lane: string): number => (ORDER.includes(lane) ? ORDER.indexOf(lane) : ORDER.indexOf('guests'));

/** The calls between two changes as blocks, thinned to what `width` pixels can show. */
export function timelineView(
  spans: SpanLog,
  length: number,
  from: number,
  to: number,
  width: number,
): Timeline {
  const blocks: Timeline['blocks'][number][] = [];
  const painted = new Map<string, number>();
  const unit = Math.max(1, (to - from) / Math.max(1, width));
  const lanes = new Set<string>();
  for (let id = spans.first; id < spans.end; id++) {
    const span = spans.get(id);
    if (!span || span.depth > DEEPEST) continue;
    lanes.add(laneOf(span));
    if (span.end < from || span.start > to || blocks.length >= MOST) continue;
    const lane = laneOf(span);
    const slot = `${lane}/${span.depth}`;
    const fault = span.fault !== null;
    if (!fault && (painted.get(slot) ?? -1) > span.end - unit / 2 && span.depth > 0) continue;
    painted.set(slot, Math.max(span.end, span.start + unit));
    blocks.push({
      lane,
      start: span.start,
      end: span.end,
      depth: span.depth,
      name: span.name,
      actor: span.actor,
      fault,
    });
  }
  return { length, blocks, lanes: [...lanes].sort((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1)) };
}
