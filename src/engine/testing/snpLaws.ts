import type { Action } from '../actions';
import { LARGE_PAGE_SIZE, PAGE_SIZE } from '../core/address';
import type { Change } from '../core/change';
import { OWNER_GUEST } from '../core/page';
import { Confidentiality } from '../properties/confidentiality';
import { Integrity } from '../properties/integrity';
import type { Monitor, Violation } from '../properties/observation';
import { observationOf } from '../properties/observation';
import type { RmpEntry } from '../rmp/entry';
import { regionEntries } from '../rmp/table';
import type { Bench } from './bench';

/** The three laws of SEV-SNP, and that nobody sees a guest’s secrets. */
export type Law = 'own bytes' | 'one holder' | 'immutable' | 'secrets';

/**
 * *No two guests ever hold one page*: a guest holds a page from its first private access to it until RMPUPDATE makes
 * something else of the page’s 2 MiB.
 */
class OneHolder implements Monitor {
  readonly violations: Violation[] = [];
  private readonly holders = new Map<number, number>();

  fold(change: Change, index: number): void {
    if (change.store === 'fact' && change.what === 'note' && change.data.what === 'the page changes')
      this.release(Number(change.data.spa));
    const seen = observationOf(change);
    if (!seen || seen.principal < OWNER_GUEST || seen.gpa === null || !seen.private) return;
    const frame = Math.floor(seen.spa / PAGE_SIZE);
    const holder = this.holders.get(frame) ?? seen.principal;
    this.holders.set(frame, seen.principal);
    if (holder === seen.principal) return;
    const sentence = `${seen.actor} reached a page at 0x${seen.spa.toString(16)} that another guest holds.`;
    this.violations.push({ change: index, sentence });
  }

  private release(spa: number): void {
    const head = (spa - (spa % LARGE_PAGE_SIZE)) / PAGE_SIZE;
    for (let frame = head; frame < head + LARGE_PAGE_SIZE / PAGE_SIZE; frame++) this.holders.delete(frame);
  }
}

/** Immutable entries of the 2 MiB around an SPA, as text; the first one’s count of others is none of their own. */
const immutableAround = ({ machine }: Bench, spa: number): ReadonlyMap<number, string> =>
  new Map(
    regionEntries(machine, spa - (spa % LARGE_PAGE_SIZE)).flatMap((entry: RmpEntry, i): [number, string][] =>
      entry.immutable ? [[i, JSON.stringify({ ...entry, subPageCount: 0 })]] : [],
    ),
  );

/** *An immutable page never changes by RMPUPDATE.* Performs the action. */
function keepsImmutable(bench: Bench, action: Action): boolean {
  if (action.type !== 'host.rmpupdate') {
    bench.perform(action);
    return true;
  }
  const spa = Number(action.at);
  const before = immutableAround(bench, spa);
  bench.perform(action);
  const after = immutableAround(bench, spa);
  return [...before].every(([i, entry]) => after.get(i) === entry);
}

/** Plays, and answers with the laws that the play has broken; then everything is undone. */
export function brokenLaws(bench: Bench, play: readonly Action[]): Law[] {
  const start = bench.changes.length;
  const monitors: [Law, Monitor][] = [
    ['own bytes', new Integrity()],
    ['one holder', new OneHolder()],
    ['secrets', new Confidentiality()],
  ];
  const broken = new Set<Law>();
  try {
    for (const action of play) if (!keepsImmutable(bench, action)) broken.add('immutable');
    for (const [index, change] of bench.changes.slice(start).entries())
      for (const [, monitor] of monitors) monitor.fold(change, index);
  } finally {
    for (const change of bench.changes.splice(start).toReversed()) bench.state.revert(change);
    bench.spans.length = 0;
  }
  for (const [law, { violations }] of monitors) if (violations.length > 0) broken.add(law);
  return [...broken];
}
