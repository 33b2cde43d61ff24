import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { MachineConfig } from '../engine/core/config';
import { ok, refuse } from '../engine/core/fault';
import { State } from '../engine/core/state';
import { type Recorder, Trace } from '../engine/core/trace';
import { Session } from './session';
import { nextChild, previousChild } from './spanWalk';
import { toyConfig } from './testing/toy';
import { played } from './testing/world';

const RULE = { id: 'r', says: 's', source: 'here', standing: 'modelled' as const };

/**
 * Actions are written as brackets and letters: `a(b(c)d)` is a fact a, a span of b, a span of c, then d. A span that
 * ends with `!` is refused.
 */
class Bracketed {
  readonly state = new State(1, 1);
  private readonly trace: Trace;
  private readonly recorder: Recorder;

  constructor(_config: MachineConfig, recorder: Recorder) {
    this.recorder = recorder;
    this.trace = new Trace(this.state, recorder);
    this.trace.fact('note', {});
  }

  *perform(text: string) {
    this.recorder.open('xen', 'xen', 'perform', {});
    for (const sign of text) {
      if (sign === '(') this.recorder.open('xen', 'xen', '', {});
      else if (sign === ')') this.recorder.close(null, ok(null));
      else if (sign === '!') this.recorder.close(null, refuse(RULE, 'refused', '', {}, ''));
      else this.trace.fact('note', { sign });
    }
    this.recorder.close(null, null);
    yield { done: 1, total: 1 };
    return ok(null);
  }
}

function of(...actions: string[]) {
  const session = new Session<string>({
    config: toyConfig,
    powerOn: (config, recorder) => new Bracketed(config, recorder),
  });
  for (const action of actions) session.performNow(action);
  return session;
}

describe('navigator', () => {
  it('walks over spans at its own depth, there and back', () => {
    const session = of('a(b(c)d)e(f)g', 'h');
    const [first, second] = session.actions;
    session.seek(1);
    expect(session.over(1).change).toBe(first!.end);
    expect(session.over(1).change).toBe(second!.end);
    expect(session.over(1).change).toBe(second!.end);
    expect(session.over(-1).change).toBe(second!.start);
    expect(session.over(-1).change).toBe(1);
    expect(session.over(-1).change).toBe(0);
    expect(session.over(-1).change).toBe(0);
  });

  it('enters any span by its number, also one without changes, and goes on from there', () => {
    const session = of('a(b(c)d)e(f)g', '()h');
    const { spans } = session.journal;
    const empty = Array.from({ length: spans.end }, (_, id) => spans.get(id)!).find(
      ({ start, end, depth }) => depth === 1 && start === end,
    )!;
    expect(session.enter(empty.id)).toMatchObject({ change: empty.start, action: 1, spans: [empty, {}] });
    expect(session.out()).toMatchObject({ change: empty.end });
    expect(session.enter(spans.end)).toBeNull();
  });

  it('goes into a span, over those inside, and out', () => {
    const session = of('a(b(c)d)e(f)g');
    session.seek(1);
    expect(session.into()).toMatchObject({ change: 1, action: 0, spans: [{ depth: 0 }] });
    expect(session.into()).toMatchObject({ change: 2, spans: [{ depth: 0 }] });
    expect(session.into()).toMatchObject({ change: 2, spans: [{ depth: 1 }, { depth: 0 }] });
    expect(session.over(1)).toMatchObject({ change: 4, spans: [{ depth: 1 }, { depth: 0 }] });
    expect(session.over(1)).toMatchObject({ change: 5, spans: [{ depth: 0 }] });
    expect(session.over(1).change).toBe(7);
    expect(session.over(-1).change).toBe(6);
    expect(session.over(-1).change).toBe(2);
    session.seek(4);
    expect(session.position().spans.map(({ depth }) => depth)).toEqual([1, 0]);
    expect(session.out()).toMatchObject({ change: 5, spans: [{ depth: 0 }] });
    expect(session.out()).toMatchObject({ change: 8, spans: [] });
    expect(session.out().change).toBe(8);
  });

  it('leaves a span backward from its first change', () => {
    const session = of('a(b)c');
    session.seek(2);
    session.into();
    expect(session.over(-1).change).toBe(1);
  });

  it('skips spans in which nothing happened', () => {
    const session = of('()a(())b');
    session.seek(1);
    session.into();
    expect(session.over(1).change).toBe(3);
    expect(session.over(-1).change).toBe(1);
  });

  it('finds no child behind the last one of a frame', () => {
    const { spans } = of('a(b)c', '(d)').journal;
    const frame = spans.get(0)!;
    expect(nextChild(spans, frame.start, frame)?.id).toBe(1);
    expect(nextChild(spans, frame.end - 1, frame)).toBeNull();
    expect(previousChild(spans, frame.end, frame)?.id).toBe(1);
    expect(previousChild(spans, frame.start + 1, frame)).toBeNull();
  });

  it('stops at each refusal once, where it was made', () => {
    const session = of('a((b!!c', 'd', 'e(!f');
    const [first, , third] = session.actions;
    expect([first!.faults, third!.faults]).toEqual([[first!.start + 2], [third!.start + 1]]);
    session.seek(0);
    expect(session.runToFault(1)?.change).toBe(first!.start + 2);
    expect(session.runToFault(1)?.change).toBe(third!.start + 1);
    expect(session.runToFault(1)).toBeNull();
    expect(session.position().change).toBe(third!.start + 1);
    expect(session.runToFault(-1)?.change).toBe(first!.start + 2);
    expect(session.runToFault(-1)).toBeNull();
  });

  it('seeks to the edges of actions', () => {
    const session = of('ab', 'c');
    expect(session.seekAction(-1, 'end')).toMatchObject({ change: 1, action: -1 });
    expect(session.seekAction(0, 'start')).toMatchObject({ change: 1, action: 0 });
    expect(session.seekAction(0, 'end')).toMatchObject({ change: 3, action: 0 });
    expect(session.seekAction(1, 'end')).toMatchObject({ change: 4, action: 1 });
    expect(session.seek(2)).toMatchObject({ action: 0 });
    expect(session.seek(1)).toMatchObject({ action: -1 });
  });

  it('always gets on, in any mixture of moves, whatever the journal has forgotten', () => {
    const chosen = Array.from({ length: 80 }, (_, n) => n + 7);
    const move = fc.constantFrom('over', 'back', 'into', 'out', 'step', 'fault', 'unfault');
    const ways = {
      over: (session: ReturnType<typeof played>) => session.over(1),
      back: (session: ReturnType<typeof played>) => session.over(-1),
      into: (session: ReturnType<typeof played>) => session.into(),
      out: (session: ReturnType<typeof played>) => session.out(),
      step: (session: ReturnType<typeof played>) => session.step(-1),
      fault: (session: ReturnType<typeof played>) => session.runToFault(1),
      unfault: (session: ReturnType<typeof played>) => session.runToFault(-1),
    };
    fc.assert(
      fc.property(fc.nat(), fc.array(move, { maxLength: 12 }), (start, moves) => {
        const [small, large] = [played(chosen, 100_000), played(chosen)];
        for (const session of [small, large]) session.seek(start % (session.length + 1));
        for (const name of moves) {
          const before = large.position();
          ways[name](large);
          ways[name](small);
          expect(small.position()).toEqual(large.position());
          expect(small.digest()).toBe(large.digest());
          const { change, spans } = large.position();
          if (name === 'over' && before.change < large.length) expect(change).toBeGreaterThan(before.change);
          if (name === 'back' && before.change > 0) expect(change).toBeLessThan(before.change);
          for (const span of spans) expect(span.start <= change && change < span.end).toBe(true);
        }
      }),
      { numRuns: 40 },
    );
  });
});
