import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { StackCall, StackView } from '../../../worker/protocol';
import { lineage, litCall, neighbour } from './calls';
import { stackLayout } from './layout';

const lane = (id: StackCall['lane']) => ({
  id,
  name: id,
  privilege: '',
  role: '',
  status: 'upstream' as const,
  sevPart: null,
});

const call = (
  id: number,
  parent: number | null,
  start: number,
  end: number,
  where: StackCall['lane'] = 'xl',
): StackCall => ({
  id,
  parent,
  level: 1,
  lane: where,
  name: `call ${id}`,
  actor: 'xen',
  args: {},
  result: null,
  fault: null,
  start,
  end,
  status: 'upstream',
  proposed: false,
});

const view = (calls: readonly StackCall[], end = 100): StackView => ({
  action: 0,
  title: '',
  type: null,
  start: 0,
  end,
  xen: 'project',
  lanes: [lane('xl'), lane('libxl'), lane('mailbox')],
  calls,
  leftOut: 0,
  facts: {},
  statuses: {} as never,
  refusal: [],
});

/** Calls nested at random, each with its own share of the changes. */
const nested = fc
  .array(fc.tuple(fc.nat(3), fc.nat(40), fc.constantFrom('xl', 'libxl')), { maxLength: 30 })
  .map((seeds) => {
    const calls: { id: number; parent: number | null; start: number; end: number; lane: 'xl' | 'libxl' }[] =
      [];
    const open: number[] = [];
    let at = 0;
    for (const [id, [closing, changes, where]] of seeds.entries()) {
      for (let i = 0; i < closing; i++) {
        const done = open.pop();
        if (done !== undefined && calls[done]) calls[done].end = at;
      }
      calls.push({ id, parent: open.at(-1) ?? null, start: at, end: at, lane: where as 'xl' });
      open.push(id);
      at += changes;
    }
    for (const id of open) if (calls[id]) calls[id].end = at;
    return view(
      calls.map((each) => call(each.id, each.parent, each.start, each.end, each.lane)),
      at,
    );
  });

describe('the layout of the stack', () => {
  it('keeps every call inside its caller, in the order of time, with no two on the same spot', () => {
    fc.assert(
      fc.property(nested, fc.constantFrom('whole', 'names'), (shown, measure) => {
        const { placed, rows } = stackLayout(shown, 600, measure as 'whole');
        const byId = new Map(placed.map((place) => [place.call.id, place]));
        for (const place of placed) {
          expect(place.row).toBeLessThan(rows);
          const caller = place.call.parent === null ? null : byId.get(place.call.parent);
          if (caller) {
            expect(place.x).toBeGreaterThanOrEqual(caller.x);
            expect(place.x + place.width).toBeLessThanOrEqual(caller.x + caller.width + 0.01);
          }
          for (const other of placed) {
            if (other === place || other.row !== place.row) continue;
            const apart = other.x >= place.x + place.width - 0.01 || place.x >= other.x + other.width - 0.01;
            expect(apart).toBe(true);
          }
        }
      }),
    );
  });

  it('draws all of it in the room there is, or as wide as the names need', () => {
    const shown = view([call(1, null, 0, 100), call(2, 1, 0, 2, 'libxl'), call(3, 1, 50, 100, 'libxl')]);
    expect(stackLayout(shown, 600, 'whole').width).toBeCloseTo(600);
    expect(stackLayout(shown, 10, 'names').width).toBeGreaterThan(100);
    const { xOf, width } = stackLayout(shown, 600, 'whole');
    expect(xOf(0)).toBe(0);
    expect(xOf(100)).toBeLessThanOrEqual(width);
    expect(xOf(20)).toBeLessThan(xOf(60));
  });
});

describe('the lit call', () => {
  const shown = view([
    call(1, null, 0, 100),
    call(2, 1, 10, 40, 'libxl'),
    call(-3, 2, 15, 30, 'mailbox'),
    call(3, 1, 50, 60, 'libxl'),
  ]);

  it('is the innermost that the picture has, and the mailbox while its registers are written', () => {
    expect(litCall(shown, [], 100)).toBeNull();
    expect(litCall(shown, [{ id: 1 }, { id: 2 }, { id: 99 }], 12)?.id).toBe(2);
    expect(litCall(shown, [{ id: 1 }, { id: 2 }], 20)?.id).toBe(-3);
    expect([...lineage(shown, shown.calls[2] ?? null)]).toEqual([-3, 2, 1]);
  });

  it('moves with the arrow keys along the calls, into them and out', () => {
    const [outer, inner, ring, last] = shown.calls;
    expect(neighbour(shown, null, 'ArrowRight')).toBe(outer);
    expect(neighbour(shown, outer ?? null, 'ArrowDown')).toBe(inner);
    expect(neighbour(shown, ring ?? null, 'ArrowUp')).toBe(inner);
    expect(neighbour(shown, ring ?? null, 'ArrowRight')).toBe(last);
    expect(neighbour(shown, last ?? null, 'End')).toBe(last);
    expect(neighbour(shown, last ?? null, 'x')).toBeUndefined();
  });
});
