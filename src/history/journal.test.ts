import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PAGE_SIZE, pfn, spa } from '../engine/core/address';
import { bytesEqual } from '../engine/core/bytes';
import type { XenCell } from '../engine/core/cells';
import type { Change } from '../engine/core/change';
import { ok } from '../engine/core/fault';
import type { FrameRun } from '../engine/core/frameRun';
import { State } from '../engine/core/state';
import { stateDigest } from './digest';
import { Journal } from './journal';
import { toyConfig } from './testing/toy';
import { played } from './testing/world';

const seeds = fc.array(fc.nat(), { maxLength: 6 });
const digest = (state: State) => stateDigest(toyConfig, state);
const page = (n: number): Change => ({ store: 'page', pfn: pfn(n % 5000), before: n, after: n + 1 });

/** Records `count` page changes in actions of `each`. */
function recorded(count: number, each: number, budget?: number): Journal {
  const journal = new Journal(budget);
  for (let n = 0; n < count; n++) {
    if (n % each === 0) journal.beginAction();
    journal.change(page(n));
  }
  return journal;
}

describe('journal', () => {
  it('takes back what it makes, change by change, and makes it again', () => {
    fc.assert(
      fc.property(seeds, (chosen) => {
        const { journal, state } = played(chosen);
        const end = digest(state);
        for (let n = journal.length - 1; n >= 0; n--) {
          const before = digest(state);
          journal.revertFrom(state, n);
          journal.applyTo(state, n);
          expect(digest(state)).toBe(before);
          journal.revertFrom(state, n);
        }
        expect(digest(state)).toBe(digest(new State(2, 2)));
        for (let n = 0; n < journal.length; n++) journal.applyTo(state, n);
        expect(digest(state)).toBe(end);
      }),
      { numRuns: 25 },
    );
  });

  it('gives back every change as it was recorded', () => {
    const changes: Change[] = [
      { store: 'page', pfn: pfn(2 ** 39 + 5), before: 0xffffffff, after: 1 },
      { store: 'dram', address: spa(2 ** 51 + 3), before: Uint8Array.of(1, 2), after: Uint8Array.of(3, 4) },
      { store: 'dram', address: spa(9), before: new Uint8Array(), after: new Uint8Array() },
      { store: 'cell', key: 'power/0', before: null, after: { on: true } },
      { store: 'fact', what: 'note', data: { a: 1 }, rule: null, bytes: null },
    ];
    const journal = new Journal();
    journal.beginAction();
    for (const change of changes) journal.change(change);
    expect(changes.map((_, n) => journal.at(n))).toEqual(changes);
  });

  it('keeps a range larger than any block', () => {
    const [before, after] = [new Uint8Array(600_000).fill(8), new Uint8Array(600_000).fill(9)];
    const journal = new Journal();
    journal.beginAction();
    journal.change({ store: 'dram', address: spa(100), before, after });
    const given = journal.at(0) as Extract<Change, { store: 'dram' }>;
    expect([bytesEqual(given.before, before), bytesEqual(given.after, after)]).toEqual([true, true]);
  });

  it('keeps bytes of its own: few are copied on the way in, all on the way out', () => {
    const [before, after] = [Uint8Array.of(0), Uint8Array.of(1)];
    const journal = new Journal();
    journal.beginAction();
    journal.change({ store: 'dram', address: spa(0), before, after });
    after[0] = 7;
    const given = journal.at(0) as Extract<Change, { store: 'dram' }>;
    expect(given.after).toEqual(Uint8Array.of(1));
    given.after[0] = 8;
    expect(journal.at(0)).toMatchObject({ after: Uint8Array.of(1) });
  });

  it('truncates to the start of an action, and counts as if that action had never been', () => {
    fc.assert(
      fc.property(seeds, fc.array(fc.nat(), { minLength: 1, maxLength: 4 }), (first, dropped) => {
        const short = played(first);
        const { journal } = played([...first, ...dropped]);
        journal.truncate(first.length);
        expect(journal.length).toBe(short.journal.length);
        expect(journal.bytes).toBe(short.journal.bytes);
        expect(journal.spans.end).toBe(short.journal.spans.end);
        expect(journal.nextAction).toBe(first.length);
      }),
    );
  });

  it('truncates a half-filled chunk and records over it', () => {
    const journal = recorded(10, 5);
    journal.truncate(0);
    journal.beginAction();
    journal.change({
      store: 'dram',
      address: spa(PAGE_SIZE),
      before: Uint8Array.of(5),
      after: Uint8Array.of(6),
    });
    expect(journal.length).toBe(6);
    expect(journal.at(4)).toEqual(page(4));
    expect(journal.at(5)).toMatchObject({ after: Uint8Array.of(6) });
  });

  it('reads what was recorded last, not what a dropped chunk said there', () => {
    const journal = recorded(10_000, 5000);
    journal.at(9999);
    journal.truncate(0);
    journal.beginAction();
    for (let n = 0; n < 5000; n++) journal.change(page(n));
    expect(journal.at(9999)).toEqual(page(4999));
  });

  it('uses the room of dropped bytes again', () => {
    const journal = new Journal();
    const bytes = new Uint8Array(1000);
    journal.beginAction();
    journal.change({ store: 'dram', address: spa(0), before: bytes, after: bytes });
    const sizes = Array.from({ length: 50 }, () => {
      journal.beginAction();
      journal.change({ store: 'dram', address: spa(0), before: bytes, after: bytes });
      const size = journal.bytes;
      journal.truncate(0);
      return size;
    });
    expect(new Set(sizes).size).toBe(1);
  });

  it('forgets whole actions, the oldest first, and stays within its budget', () => {
    const journal = recorded(200_000, 500, 1_000_000);
    expect(journal.bytes).toBeLessThanOrEqual(1_000_000);
    expect(journal.firstKept).toBeGreaterThan(150_000);
    expect(journal.firstKept % 500).toBe(0);
    expect(journal.firstAction).toBe(journal.firstKept / 500 - 1);
    expect(journal.at(journal.firstKept)).toEqual(page(journal.firstKept));
    expect(() => journal.at(journal.firstKept - 1)).toThrow(RangeError);
  });

  it('never forgets the newest action, however large', () => {
    const journal = recorded(50_000, 50_000, 100_000);
    expect(journal.firstKept).toBe(0);
    expect(journal.at(0)).toEqual(page(0));
  });

  it('costs the same a change, however many there are', () => {
    const perChange = (count: number) => recorded(count, 100).bytes / count;
    expect(perChange(1_000_000)).toBeLessThanOrEqual(36);
    expect(perChange(1_000_000) / perChange(100_000)).toBeCloseTo(1, 1);
  });

  it('counts what a cell shares with the one before once', () => {
    const journal = new Journal();
    const frames = Array.from({ length: 10_000 }, (_, n): FrameRun => [n, 1]);
    let cell = { free: frames, domains: 0 } as Partial<XenCell> as XenCell;
    journal.beginAction();
    for (let n = 0; n < 100; n++) {
      const after = { ...cell, domains: n };
      journal.change({ store: 'cell', key: 'xen/0', before: n === 0 ? null : cell, after });
      cell = after;
    }
    expect(journal.bytes).toBeGreaterThan(500_000);
    expect(journal.bytes).toBeLessThan(1_500_000);
  });

  it('counts the spans that it forgets', () => {
    const journal = new Journal(300_000);
    for (let n = 0; n < 5000; n++) {
      journal.beginAction();
      journal.open('xen', 'xen', 'f', { n });
      journal.change(page(n));
      journal.close(null, ok(null));
    }
    expect(journal.bytes).toBeLessThanOrEqual(300_000);
    expect(journal.spans.get(journal.spans.end - 1)?.action).toBe(4998);
    expect(journal.spans.get(journal.spans.first)?.start).toBe(journal.firstKept);
  });
});
