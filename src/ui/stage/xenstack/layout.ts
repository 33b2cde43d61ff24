import type { StackCall, StackLane, StackView } from '../../../worker/protocol';

/** A call in the picture. `x` and `width` in pixels, `row` counted from the top of the picture. */
export interface PlacedCall {
  readonly call: StackCall;
  readonly x: number;
  readonly width: number;
  readonly row: number;
}

export interface PlacedLane {
  readonly lane: StackLane;
  readonly row: number;
  readonly rows: number;
}

export interface StackLayout {
  readonly placed: readonly PlacedCall[];
  readonly lanes: readonly PlacedLane[];
  readonly rows: number;
  readonly width: number;
  /** Where a change is, in pixels. */
  readonly xOf: (change: number) => number;
}

/** Heights of a row, in parts of the usual type size. */
const ROW = { least: 15 / 16, most: 22 / 16 };

/**
 * Rows as high as they can be without the picture being higher than the room there is for it.
 * @param type the usual type size in pixels, which a projector has larger.
 */
export const rowHeight = (rows: number, room: number, type: number): number =>
  Math.round(Math.max(ROW.least * type, Math.min(ROW.most * type, Math.floor(room / rows))));

/** How the picture is measured: all of it in the width there is, or so wide that every name can be read. */
export type Measure = 'whole' | 'names';

/** Pixels for twice as many changes: time is drawn by its logarithm, or a thousand pages would crowd out all else. */
const DOUBLE = 5;
/** What a caller shows of itself before and behind what it calls. */
const EDGE = 2;
const GAP = 2;
const LETTER = 6.7;

const leastWidth = ({ name }: StackCall, measure: Measure): number =>
  measure === 'whole' ? 9 : Math.min(210, Math.max(54, name.length * LETTER + 30));

interface Mark {
  readonly change: number;
  readonly x: number;
}

/** Calls side by side in the order in which they began, nested ones inside their callers, each in its layer's lane. */
export function stackLayout(
  { calls, lanes, start, end }: StackView,
  room: number,
  measure: Measure,
): StackLayout {
  const marks: Mark[] = [{ change: start, x: 0 }];
  const spans = new Map<number, { readonly left: number; right: number }>();
  let x = 0;
  let at = start;
  const open: StackCall[] = [];
  const leaves = new Set(calls.map(({ id }) => id));
  for (const { parent } of calls) if (parent !== null) leaves.delete(parent);

  const advance = (change: number): void => {
    if (change <= at) return;
    x += DOUBLE * Math.log2(1 + change - at);
    at = change;
    marks.push({ change, x });
  };
  const close = (): void => {
    const call = open.pop();
    const span = call && spans.get(call.id);
    if (!call || !span) return;
    advance(call.end);
    x = Math.max(x, span.left + (leaves.has(call.id) ? leastWidth(call, measure) : 0)) + EDGE;
    span.right = x;
    marks.push({ change: at, x });
    x += GAP;
  };
  for (const call of calls) {
    while (open.length > 0 && open.at(-1)?.id !== call.parent) close();
    advance(call.start);
    spans.set(call.id, { left: x, right: x });
    open.push(call);
    x += EDGE;
  }
  while (open.length > 0) close();
  advance(end);

  const scale = measure === 'whole' || x < room ? room / Math.max(1, x) : 1;
  const { rowOf, placedLanes, rows } = rowsOf(calls, lanes);
  const placed = calls.map((call): PlacedCall => {
    const { left, right } = spans.get(call.id) ?? { left: 0, right: 0 };
    return {
      call,
      x: left * scale,
      width: Math.max(2, (right - left) * scale),
      row: rowOf.get(call.id) ?? 0,
    };
  });
  return {
    placed,
    lanes: placedLanes,
    rows,
    width: x * scale,
    xOf: (change) => between(marks, change) * scale,
  };
}

/** In its lane a call lies below its callers of the same lane. */
function rowsOf(calls: readonly StackCall[], lanes: readonly StackLane[]) {
  const byId = new Map(calls.map((call) => [call.id, call]));
  const depths = new Map<number, number>();
  const most = new Map<string, number>();
  for (const call of calls) {
    let depth = 0;
    for (let outer = byId.get(call.parent ?? -Infinity); outer; outer = byId.get(outer.parent ?? -Infinity))
      if (outer.lane === call.lane) depth++;
    depths.set(call.id, depth);
    most.set(call.lane, Math.max(most.get(call.lane) ?? 1, depth + 1));
  }
  let rows = 0;
  const placedLanes = lanes.map((lane): PlacedLane => {
    const row = rows;
    const own = most.get(lane.id) ?? 1;
    rows += own;
    return { lane, row, rows: own };
  });
  const first = new Map(placedLanes.map(({ lane, row }) => [lane.id, row]));
  const rowOf = new Map(calls.map(({ id, lane }) => [id, (first.get(lane) ?? 0) + (depths.get(id) ?? 0)]));
  return { rowOf, placedLanes, rows };
}

function between(marks: readonly Mark[], change: number): number {
  const after = marks.findIndex((mark) => mark.change > change);
  const last = marks.at(-1)?.x ?? 0;
  if (after < 0) return marks.find((mark) => mark.change === change)?.x ?? last;
  const [a, b] = [marks[after - 1], marks[after]];
  if (!a || !b) return 0;
  return a.x + ((b.x - a.x) * (change - a.change)) / (b.change - a.change);
}
