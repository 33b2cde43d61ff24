import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PAGE_SIZE } from '../../core/address';
import type { Platform } from '../../core/platform';
import { rmpChecker } from '../checker';
import type { RmpEntry } from '../entry';
import { entryIn, pageState } from '../pageState';
import { packRecord } from '../record';
import { authoritative, headOf, regionEntries, writeEntry } from '../table';
import { bare } from '../testing/bare';
import { alice, XEN } from '../testing/contexts';
import { brokenTable } from '../testing/invariants';
import { psmash } from './psmash';
import { pvalidate } from './pvalidate';
import { rmpadjust } from './rmpadjust';
import { rmpupdate } from './rmpupdate';

const REGION = 2 ** 21;
const START = REGION;
const END = 3 * REGION;

/** A few pages of two times 2 MiB: their first ones, some behind them, and the last. */
const page = fc
  .tuple(fc.constantFrom(START, 2 * REGION), fc.constantFrom(0, 0, 1, 2, 511))
  .map(([head, index]) => head + index * PAGE_SIZE);
const asid = fc.constantFrom(0, 3, 3, 4);
const gpa = fc.constantFrom(0, PAGE_SIZE, 4 * REGION, 4 * REGION, 4 * REGION + PAGE_SIZE);
const large = fc.boolean();

const update = fc.record({
  spa: page,
  state: fc
    .record({ gpa, assigned: fc.boolean(), large, regionAssigned: fc.boolean(), immutable: rarely(), asid })
    .map(packRecord),
});
const mapping = fc.record({ gpa, spa: page, large });
const context = fc
  .record({ mapping, vmpl: fc.constantFrom(0, 0, 1, 2), asid: fc.constantFrom(3, 3, 4) })
  .map(({ mapping: to, ...fields }) => alice(to, fields));
const gva = fc.constantFrom(0, PAGE_SIZE);

function rarely(): fc.Arbitrary<boolean> {
  return fc.nat(9).map((n) => n === 0);
}

type Act = (p: Platform) => void;
const host: fc.Arbitrary<Act> = fc.oneof(
  {
    weight: 5,
    arbitrary: update.map(
      (operands): Act =>
        (p) =>
          void rmpupdate(p, operands, XEN),
    ),
  },
  {
    weight: 1,
    arbitrary: page.map(
      (at): Act =>
        (p) =>
          void psmash(p, { spa: headOf(at) }, XEN),
    ),
  },
);
const guest: fc.Arbitrary<Act> = fc.oneof(
  fc.tuple(fc.record({ gva, large, validated: fc.boolean() }), context).map(
    ([operands, by]): Act =>
      (p) =>
        void pvalidate(p, operands, by),
  ),
  fc
    .tuple(
      fc.record({ gva, large, target: fc.nat(4), permissions: fc.nat(0x3f), vmsa: fc.boolean() }),
      context,
    )
    .map(
      ([operands, by]): Act =>
        (p) =>
          void rmpadjust(p, operands, by),
    ),
);
const play = fc.array(fc.oneof(host, guest), { maxLength: 60, size: 'max' });

const immutableOf = (p: Platform): [number, RmpEntry][] =>
  [START, 2 * REGION].flatMap((head) =>
    regionEntries(p, head).flatMap((entry, i): [number, RmpEntry][] =>
      entry.immutable ? [[head + i * PAGE_SIZE, entry]] : [],
    ),
  );

describe('whatever hypervisor and guests do', () => {
  it('the invariants hold after each instruction, and immutable entries stay', () => {
    fc.assert(
      fc.property(play, (acts) => {
        const p = bare();
        writeEntry(p, START + 2 * PAGE_SIZE, entryIn('Firmware'));
        for (const act of acts) {
          const before = immutableOf(p);
          act(p);
          const after = new Map(immutableOf(p));
          for (const [spa, entry] of before)
            expect({ ...after.get(spa), subPageCount: 0 }).toEqual({ ...entry, subPageCount: 0 });
        }
        expect([...brokenTable(p)]).toEqual([]);
      }),
      { numRuns: 80 },
    );
  });

  it('every step can be undone', () => {
    fc.assert(
      fc.property(play, (acts) => {
        const p = bare();
        const tables = () => JSON.stringify([START, 2 * REGION].map((head) => regionEntries(p, head)));
        const start = tables();
        const mark = p.changes.length;
        for (const act of acts) act(p);
        for (const change of p.changes.splice(mark).toReversed()) p.state.revert(change);
        expect(tables()).toBe(start);
      }),
      { numRuns: 30 },
    );
  });

  it('a private access passes only to a page that its guest has accepted at that GPA', () => {
    const access = fc.record({ to: mapping, by: fc.constantFrom(3, 4), vmpl: fc.nat(3) });
    fc.assert(
      fc.property(play, fc.array(access, { maxLength: 20 }), (acts, tries) => {
        const p = bare();
        for (const act of acts) act(p);
        for (const { to, by, vmpl } of tries) {
          const { spa } = to;
          const step = rmpChecker(p)(spa, {
            actor: 'snp-guest',
            kind: 'read',
            c: true,
            asid: by,
            vmpl,
            user: false,
            gpa: to.gpa,
            large: to.large,
          });
          const entry = authoritative(p, spa);
          if (step === null) expect([pageState(entry), entry?.asid]).toEqual(['Guest-Valid', by]);
          const host = rmpChecker(p)(spa, {
            actor: 'host',
            kind: 'write',
            c: false,
            asid: 0,
            vmpl: 0,
            user: false,
            gpa: 0,
            large: false,
          });
          if (host === null) expect(step).not.toBeNull();
        }
      }),
      { numRuns: 60 },
    );
  });
});

describe('a guest that validates each GPA only once', () => {
  /** Which SPAs a guest would reach as accepted at each of its GPAs, in pages of 4 KiB. */
  function accepted(p: Platform): Map<string, number[]> {
    const found = new Map<string, number[]>();
    for (let spa = START; spa < END; spa += PAGE_SIZE) {
      const entry = authoritative(p, spa);
      if (!entry?.validated) continue;
      const at = entry.large ? entry.gpa - (entry.gpa % REGION) + (spa % REGION) : entry.gpa;
      const name = `${entry.asid}/${at}`;
      found.set(name, [...(found.get(name) ?? []), spa]);
    }
    return found;
  }

  /** Pages of 4 KiB only, so that a guest’s list of what it has accepted is a set of GPAs. */
  const small = fc.record({
    spa: page,
    state: fc
      .record({
        gpa: fc.constantFrom(0, PAGE_SIZE, 2 * PAGE_SIZE),
        assigned: fc.boolean(),
        large: fc.constant(false),
        regionAssigned: fc.constant(false),
        immutable: fc.constant(false),
        asid: fc.constantFrom(0, 3),
      })
      .map(packRecord),
  });
  const wish = fc.record({ gpa: fc.constantFrom(0, PAGE_SIZE, 2 * PAGE_SIZE), spa: page });
  const acts = fc.array(
    fc.oneof(
      small.map((operands) => ({ kind: 'update', operands }) as const),
      wish.map((to) => ({ kind: 'validate', to }) as const),
    ),
    { maxLength: 60, size: 'max' },
  );
  function run(careful: boolean, list: typeof acts extends fc.Arbitrary<infer A> ? A : never): Platform {
    const p = bare();
    const believes = new Set<number>();
    for (const act of list) {
      if (act.kind === 'update') rmpupdate(p, act.operands, XEN);
      else if (!careful || !believes.has(act.to.gpa)) {
        const by = alice({ ...act.to, large: false });
        const outcome = pvalidate(p, { gva: 0, large: false, validated: true }, by);
        if (outcome.ok) believes.add(act.to.gpa);
      }
    }
    return p;
  }

  it('has at most one page for each', () => {
    fc.assert(
      fc.property(acts, (list) => {
        for (const [name, pages] of accepted(run(true, list)))
          expect([name, pages.length]).toEqual([name, 1]);
      }),
      { numRuns: 60 },
    );
  });

  it('and one that does not may have two', () => {
    const state = packRecord({
      gpa: 0,
      assigned: true,
      large: false,
      regionAssigned: false,
      immutable: false,
      asid: 3,
    });
    const p = run(false, [
      { kind: 'update', operands: { spa: START, state } },
      { kind: 'validate', to: { gpa: 0, spa: START } },
      { kind: 'update', operands: { spa: START + PAGE_SIZE, state } },
      { kind: 'validate', to: { gpa: 0, spa: START + PAGE_SIZE } },
    ]);
    expect(accepted(p).get('3/0')).toEqual([START, START + PAGE_SIZE]);
  });
});
