import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PAGE_SIZE } from '../../core/address';
import type { Change } from '../../core/change';
import type { Platform } from '../../core/platform';
import { psmash } from '../../rmp/instructions/psmash';
import { pvalidate } from '../../rmp/instructions/pvalidate';
import { rmpadjust } from '../../rmp/instructions/rmpadjust';
import { rmpupdate } from '../../rmp/instructions/rmpupdate';
import { entryRuns, stateMoves } from '../../rmp/moves';
import { pageState } from '../../rmp/pageState';
import { packRecord } from '../../rmp/record';
import { authoritative, headOf, readEntry } from '../../rmp/table';
import { bare } from '../../rmp/testing/bare';
import { alice, XEN } from '../../rmp/testing/contexts';
import { PAGE_STATES, type PageState } from '../../rmp/types';
import { PAGE_EDGES, type PageEdge, pageEdge } from './pageMachine';

const REGION = 2 ** 21;
const MARK = 2 ** 48;

const page = fc
  .tuple(fc.constantFrom(REGION, REGION, 2 * REGION), fc.constantFrom(0, 1, 1, 1))
  .map(([head, index]) => head + index * PAGE_SIZE);
const gpa = fc.constantFrom(0, 4 * REGION, MARK + PAGE_SIZE, 2 * MARK + PAGE_SIZE);
const seldom = fc.nat(5).map((n) => n === 0);
const record = fc.record({
  gpa,
  assigned: fc.nat(3).map((n) => n > 0),
  large: seldom,
  regionAssigned: fc.boolean(),
  immutable: fc.nat(2).map((n) => n === 0),
  asid: fc.constantFrom(0, 3),
});
const mapping = fc.record({ spa: page, large: seldom });
/** The guest’s tables lead to the page from where its entry expects it. */
const guestAt = (p: Platform, to: { readonly spa: number; readonly large: boolean }) =>
  alice({ ...to, gpa: readEntry(p, to.spa)?.gpa ?? 0 });

interface Act {
  readonly name: string;
  readonly run: (p: Platform) => unknown;
}
const act: fc.Arbitrary<Act> = fc.oneof(
  fc.record({ spa: page, state: record.map(packRecord) }).map((operands) => ({
    name: 'RMPUPDATE',
    run: (p: Platform) => rmpupdate(p, operands, XEN),
  })),
  fc.tuple(mapping, fc.boolean()).map(([to, validated]) => ({
    name: 'PVALIDATE',
    run: (p: Platform) => pvalidate(p, { gva: 0, large: to.large, validated }, guestAt(p, to)),
  })),
  fc.tuple(mapping, fc.boolean()).map(([to, vmsa]) => ({
    name: 'RMPADJUST',
    run: (p: Platform) =>
      rmpadjust(p, { gva: 0, large: to.large, target: 1, permissions: 3, vmsa }, guestAt(p, to)),
  })),
  page.map((at) => ({ name: 'PSMASH', run: (p: Platform) => psmash(p, { spa: headOf(at) }, XEN) })),
);

/** What the changes since a mark have done to pages, by the name of what was carried out. */
function movesOf(p: Platform, changes: readonly Change[]): { from: PageState; to: PageState }[] {
  const runs = entryRuns(p);
  return changes.flatMap((change) => (change.store === 'dram' ? stateMoves(p, runs, change) : []));
}

const nameOf = ({ from, to }: Pick<PageEdge, 'from' | 'to'>, by: string): string => `${from} > ${to}: ${by}`;
const SOFTWARE = ['RMPUPDATE', 'PVALIDATE', 'RMPADJUST', 'PSMASH'];

describe('the state machine of a page', () => {
  it('has no edge twice', () => {
    const all = PAGE_EDGES.flatMap((edge) => edge.by.map((by) => `${nameOf(edge, by)} ${edge.when ?? ''}`));
    expect(new Set(all).size).toBe(all.length);
  });

  it('instructions take only its edges, and every edge that is theirs', () => {
    const taken = new Set<string>();
    fc.assert(
      fc.property(fc.array(act, { maxLength: 40, size: 'max' }), (acts) => {
        const p = bare();
        for (const { name, run } of acts) {
          const mark = p.changes.length;
          run(p);
          for (const move of movesOf(p, p.changes.slice(mark))) {
            taken.add(nameOf(move, name));
            expect(pageEdge(move.from, move.to, name, false), nameOf(move, name)).not.toBeNull();
          }
        }
      }),
      { numRuns: 900, seed: 7 },
    );
    const theirs = PAGE_EDGES.filter(({ from, to }) => from !== to)
      .flatMap((edge) => edge.by.filter((by) => SOFTWARE.includes(by)).map((by) => nameOf(edge, by)))
      .filter((name) => !UNTRIED.has(name));
    expect(theirs.filter((name) => !taken.has(name))).toEqual([]);
  });

  it('what bytes of the table are told to have done is what the table then says', () => {
    fc.assert(
      fc.property(fc.array(act, { maxLength: 30, size: 'max' }), (acts) => {
        const p = bare();
        const pages = Array.from({ length: 1024 }, (_, i) => REGION + i * PAGE_SIZE);
        const states = new Map(pages.map((spa) => [spa / PAGE_SIZE, pageState(authoritative(p, spa))]));
        const runs = entryRuns(p);
        for (const { run } of acts) {
          const mark = p.changes.length;
          run(p);
          for (const change of p.changes.slice(mark))
            if (change.store === 'dram')
              for (const { first, count, to } of stateMoves(p, runs, change))
                for (let i = 0; i < count; i++) states.set(first + i, to);
        }
        for (const spa of pages) expect(states.get(spa / PAGE_SIZE)).toBe(pageState(authoritative(p, spa)));
      }),
      { numRuns: 40 },
    );
  });
});

/** Instructions alone do not get there: a context lies in Reclaim only behind a command. */
const UNTRIED = new Set(['Reclaim > Context: RMPUPDATE']);

const vectors = fileURLToPath(new URL('../../../../../shared/vectors/asp-commands.json', import.meta.url));

describe.skipIf(!existsSync(vectors))(
  'asp-commands.json (skipped where the shared vectors are absent)',
  () => {
    const rows = existsSync(vectors)
      ? (
          JSON.parse(readFileSync(vectors, 'utf8')) as {
            pageTransitions: { from: string; to: string; by: string }[];
          }
        ).pageTransitions
      : [];
    const named = (text: string): PageState[] =>
      text === 'any'
        ? PAGE_STATES.filter((state) => state !== 'Default')
        : text.split(/ \/ /).map((name) => name.replace(/^.*(4 KB|2 MB) /, '') as PageState);
    /** `SNP_INIT(_EX)` is two names; what is no command’s name is the dispatcher’s. */
    const commands = (by: string): string[] =>
      by.replace('IOMMU_SNP_SHUTDOWN', '').match(/SNP_[A-Z]+(_[A-Z]+)*/g) ?? [];

    it.each(rows)('$from to $to by $by', ({ from, to, by }) => {
      for (const start of named(from))
        for (const end of named(to)) {
          if (from.startsWith('512') ? start !== end : start === end) continue;
          for (const name of commands(by)) {
            const found = PAGE_EDGES.some(
              (edge) =>
                edge.from === start && edge.to === end && (edge.by as readonly string[]).includes(name),
            );
            expect(found, nameOf({ from: start, to: end }, name)).toBe(true);
          }
        }
    });
  },
);
