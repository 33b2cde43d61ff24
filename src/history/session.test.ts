import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Change } from '../engine/core/change';
import type { MachineConfig } from '../engine/core/config';
import { ok } from '../engine/core/fault';
import { State } from '../engine/core/state';
import { type Recorder, Trace } from '../engine/core/trace';
import { ActionError, type Engine } from './engine';
import { Session, type Slicing } from './session';
import { played, type WorldSession, world } from './testing/world';

const seeds = fc.array(fc.nat(), { minLength: 1, maxLength: 6 });
/** So small that only the newest action or two are kept. */
const TINY = 100_000;

const everything = (session: WorldSession) => ({
  digest: session.digest(),
  position: session.position(),
  length: session.length,
  actions: structuredClone(session.actions),
  forked: session.forked,
});

/** The digest after each number of changes, by replay on a session that never goes back. */
function digests(chosen: readonly number[]): string[] {
  const session = played(chosen);
  return Array.from({ length: session.length + 1 }, (_, n) => {
    session.seek(n);
    return session.digest();
  });
}

function slicing(overrides: Partial<Slicing> = {}): Slicing {
  let clock = 0;
  const pause = () => new Promise<void>((resolve) => setTimeout(resolve));
  return {
    budgetMs: 5,
    now: () => clock++,
    pause,
    onProgress: () => {},
    cancelled: () => false,
    ...overrides,
  };
}

const note: Change = { store: 'fact', what: 'note', data: {}, rule: null, bytes: null };
let tidied = 0;

/** Its handler changes a page, and once more when it is stopped. */
function tidyMachine(_: MachineConfig, recorder: Recorder): Engine<string> {
  const trace = new Trace(new State(1, 1), recorder);
  return {
    state: trace.state,
    *perform() {
      try {
        trace.page(1, { owner: 1 });
        yield { done: 0, total: 1 };
        return ok(null);
      } finally {
        trace.page(1, { owner: 2 });
        tidied++;
      }
    },
  };
}

describe('session', () => {
  it('powers on before the first action', () => {
    const session = played([]);
    expect(session.bootEnd).toBeGreaterThan(0);
    expect(session.position()).toEqual({ change: session.bootEnd, action: -1, spans: [] });
    expect(session.length).toBe(session.bootEnd);
  });

  it('seeks to where a replay would arrive', () => {
    fc.assert(
      fc.property(seeds, fc.array(fc.nat(), { maxLength: 8 }), (chosen, targets) => {
        const expected = digests(chosen);
        const session = played(chosen);
        for (const target of targets) {
          const change = target % (session.length + 1);
          expect(session.seek(change).change).toBe(change);
          expect(session.digest()).toBe(expected[change]);
        }
      }),
      { numRuns: 30 },
    );
  });

  it('seeks below what the journal kept, and back', () => {
    const chosen = Array.from({ length: 300 }, (_, n) => n);
    const [small, large] = [played(chosen, TINY), played(chosen)];
    expect(small.journal.firstKept).toBeGreaterThan(small.bootEnd);
    fc.assert(
      fc.property(fc.nat({ max: large.length }), (change) => {
        small.seek(change);
        large.seek(change);
        expect(small.digest()).toBe(large.digest());
        expect(small.position()).toEqual(large.position());
      }),
      { numRuns: 20 },
    );
  });

  it('looks at another moment, and is back whatever happens there', () => {
    fc.assert(
      fc.property(seeds, fc.nat(), fc.nat(), fc.boolean(), (chosen, from, to, small) => {
        const session = played(chosen, small ? TINY : undefined);
        const expected = digests(chosen);
        session.seek(from % (session.length + 1));
        const before = everything(session);
        const change = to % (session.length + 1);
        expect(session.visit(change, () => session.digest())).toBe(expected[change]);
        expect(everything(session)).toEqual(before);
        const broken = () => {
          throw new Error('broken');
        };
        expect(() => session.visit(change, broken)).toThrow('broken');
        expect(everything(session)).toEqual(before);
      }),
      { numRuns: 20 },
    );
  });

  it('drops the actions after the cursor, from the start of the one that the cursor is in', () => {
    fc.assert(
      fc.property(seeds, fc.nat(), fc.nat(), fc.boolean(), (chosen, target, extra, small) => {
        const session = played(chosen, small ? TINY : undefined);
        session.seek(target % (session.length + 1));
        const { change, action } = session.position();
        const whole = action < 0 ? 0 : action + (change < session.actions[action]!.end ? 0 : 1);
        session.performNow(world.action(extra));
        const straight = played([...chosen.slice(0, whole), extra]);
        expect(everything(session)).toEqual(everything(straight));
      }),
    );
  });

  it('takes back an action that breaks, with the tail that it would have replaced', () => {
    fc.assert(
      fc.property(seeds, fc.nat(), fc.nat(), (chosen, target, seed) => {
        const session = played(chosen);
        session.seek(target % (session.length + 1));
        const before = everything(session);
        expect(() => session.performNow(world.broken(seed))).toThrow(ActionError);
        expect(everything(session)).toEqual(before);
        session.seek(session.length);
        expect(session.digest()).toBe(played(chosen).digest());
      }),
      { numRuns: 40 },
    );
  });

  it('names the action that broke and why', () => {
    const action = world.broken(1);
    try {
      played([]).performNow(action);
      expect.unreachable();
    } catch (error) {
      expect(error).toMatchObject({
        action,
        message: 'an action broke: the toy broke',
        cause: expect.any(Error),
      });
    }
  });

  it('performs in slices what it performs at once', async () => {
    const [sliced, whole] = [played([1, 2]), played([1, 2])];
    const progress: number[] = [];
    await sliced.performSliced(world.long(500), slicing({ onProgress: ({ done }) => progress.push(done) }));
    whole.performNow(world.long(500));
    expect(everything(sliced)).toEqual(everything(whole));
    expect(progress.length).toBeGreaterThan(20);
    expect(progress).toEqual(progress.toSorted((a, b) => a - b));
  });

  it('leaves no trace of a cancelled action', async () => {
    await fc.assert(
      fc.asyncProperty(seeds, fc.nat(), fc.nat({ max: 100 }), async (chosen, target, patience) => {
        const session = played(chosen);
        session.seek(target % (session.length + 1));
        const before = everything(session);
        let asked = 0;
        const outcome = await session.performSliced(
          world.long(200),
          slicing({ cancelled: () => ++asked > patience, pause: () => Promise.resolve() }),
        );
        expect(outcome).toMatchObject({ ok: false, fault: { rule: { id: 'session.cancelled' } } });
        expect(everything(session)).toEqual(before);
      }),
      { numRuns: 30 },
    );
  });

  it('lets nobody move while an action is on its way', async () => {
    const session = played([1]);
    const done = session.performSliced(world.long(200), slicing());
    expect(() => session.seek(0)).toThrow('performing');
    expect(() => session.performNow(world.action(2))).toThrow('performing');
    await done;
    expect(session.seek(0).change).toBe(0);
  });

  it('takes back an action that breaks in slices', async () => {
    const session = played([1]);
    const before = everything(session);
    await expect(session.performSliced(world.broken(3), slicing())).rejects.toThrow(ActionError);
    expect(everything(session)).toEqual(before);
  });

  it('returns from a what-if to exactly where it left', () => {
    fc.assert(
      fc.property(
        seeds,
        fc.array(fc.tuple(fc.nat(), fc.nat()), { maxLength: 5 }),
        fc.nat(),
        (chosen, moves, start) => {
          const session = played(chosen);
          session.seek(start % (session.length + 1));
          const before = everything(session);
          session.fork();
          expect(session.forked).toBe(true);
          for (const [target, seed] of moves) {
            session.seek(target % (session.length + 1));
            if (seed % 3 === 0) expect(() => session.performNow(world.broken(seed))).toThrow(ActionError);
            else session.performNow(world.action(seed));
          }
          session.returnToMain();
          expect(everything(session)).toEqual(before);
          session.seek(session.length);
          expect(session.digest()).toBe(played(chosen).digest());
        },
      ),
      { numRuns: 40 },
    );
  });

  it('lets a cancelled handler clean up, and takes that back as well', async () => {
    const session = new Session<string>({ config: world.config, powerOn: tidyMachine });
    const outcome = await session.performSliced('', slicing({ cancelled: () => true }));
    expect(outcome.ok).toBe(false);
    expect(tidied).toBe(1);
    expect(session.state.pages.get(1)).toBe(0);
    expect(session.length).toBe(0);
  });

  it('says so when a machine does not do the same again', () => {
    let times = 0;
    const session = new Session<number>({
      config: world.config,
      budget: 100_000,
      powerOn: (_, recorder) => ({
        state: new State(1, 1),
        *perform(count) {
          for (let n = 0; n < count + times; n++) recorder.change(note);
          yield { done: 0, total: 0 };
          return ok(null);
        },
      }),
    });
    for (let n = 0; n < 5; n++) session.performNow(2000);
    expect(session.journal.firstKept).toBeGreaterThan(0);
    times = 1;
    expect(() => session.seek(1)).toThrow('action 0 made 2001 changes, and 2000 before');
  });

  it('gives files the name of their bytes and lets actions read them', () => {
    const session: WorldSession = new Session(world);
    const bytes = Uint8Array.of(1, 2, 3);
    const blob = session.addBlob(bytes);
    expect(blob).toBe('039058c6f2c0cb492c533b0a4d14ef77cc0f78abccced5287d84a1a2011cfb81');
    bytes[0] = 9;
    session.performNow({ ...world.long(0), blob });
    expect(session.state.dram.read(0, 3)).toEqual(Uint8Array.of(1, 2, 3));
  });

  it('refuses places that do not exist', () => {
    const session = played([1]);
    for (const change of [-1, 0.5, session.length + 1, Number.NaN]) {
      expect(() => session.seek(change)).toThrow(RangeError);
    }
    expect(() => session.seekAction(1, 'end')).toThrow(RangeError);
  });
});
