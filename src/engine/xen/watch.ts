import { LARGE_PAGE_SIZE, PAGE_SIZE } from '../core/address';
import type { DomainCell } from '../core/cells';
import { DONE, type Fault, type Outcome, type Rule, refuse } from '../core/fault';
import type { Platform } from '../core/platform';
import { exitInfoOf } from '../cpu/pageFaults';
import { NESTED_FAULT_BITS } from '../memory/faultBits';
import { snpEnabled } from '../rmp/table';
import { flushNested, frameBehind, nestedSize, setNestedPresent } from './nested';
import { smashRmp } from './rmp';
import { accessOf } from './traces';

/**
 * Following a guest by the pages that it uses: their nested entries are not present, so that each first use is a nested page
 * fault which names the page.
 */

const WATCH_RULES = {
  follow: {
    id: 'xen.follow-pages',
    says: 'A page that is followed becomes present when it is used; where instructions of another page begin, all the others become absent again.',
    source:
      'SEV-Step (IACR TCHES 2024(1)); modelled: the framework leaves to its user which page is tracked again, and when',
    standing: 'modelled',
  },
  nothing: {
    id: 'xen.follow-nothing',
    says: 'Only a page that the nested tables map can be made absent.',
    source: 'APM vol. 2 §15.25.5',
    standing: 'published',
  },
} as const satisfies Record<string, Rule>;

const pagesOf = (p: Platform, { id }: DomainCell): readonly number[] =>
  p.state.cell('watch', id)?.pages ?? [];

const keep = (p: Platform, { id }: DomainCell, pages: readonly number[]): void =>
  p.trace.set('watch', id, pages.length > 0 ? { pages: [...pages].sort((a, b) => a - b) } : null);

/** Begins to follow pages of a guest from a GPA on, or makes them absent again. Where 2 MiB are mapped at once they are split, and so is their entry of the RMP. */
export function watchPages(p: Platform, domain: DomainCell, gpa: number, count: number): Outcome<null> {
  const before = pagesOf(p, domain);
  const first = Math.floor(gpa / PAGE_SIZE);
  const named = Array.from({ length: count }, (_, i) => first + i);
  const added = named.filter((page) => !before.includes(page));
  const hole = added.find((page) => frameBehind(p, domain, page * PAGE_SIZE) === null);
  if (hole !== undefined)
    return refuse(
      WATCH_RULES.nothing,
      'refused',
      `${domain.name} has nothing at GPA 0x${(hole * PAGE_SIZE).toString(16)}.`,
      { gpa: hole * PAGE_SIZE },
      'Pages of the guest’s memory.',
    );
  for (const page of named) {
    const split = splitFor(p, domain, page * PAGE_SIZE);
    if (!split.ok) return split;
    const taken = setNestedPresent(p, domain, page * PAGE_SIZE, false);
    if (!taken.ok) return taken;
  }
  flushNested(p, domain);
  keep(p, domain, [...before, ...added]);
  return DONE;
}

/** Gives back the pages that were followed from a GPA on. */
export function unwatchPages(p: Platform, domain: DomainCell, gpa: number, count: number): Outcome<null> {
  const first = Math.floor(gpa / PAGE_SIZE);
  const isNamed = (page: number) => page >= first && page < first + count;
  const before = pagesOf(p, domain);
  for (const page of before.filter(isNamed)) {
    const given = setNestedPresent(p, domain, page * PAGE_SIZE, true);
    if (!given.ok) return given;
  }
  keep(
    p,
    domain,
    before.filter((page) => !isNamed(page)),
  );
  return DONE;
}

function splitFor(p: Platform, domain: DomainCell, gpa: number): Outcome<unknown> {
  if (!snpEnabled(p) || nestedSize(p, domain, gpa) < LARGE_PAGE_SIZE) return DONE;
  const spa = frameBehind(p, domain, gpa - (gpa % LARGE_PAGE_SIZE));
  return spa === null ? DONE : smashRmp(p, spa);
}

/** Is a fault one that the hypervisor has brought about to see it? */
export function isWatched(p: Platform, domain: DomainCell, fault: Fault): boolean {
  if (fault.name !== '#NPF') return false;
  const { info1, info2 } = exitInfoOf(fault);
  const present = (info1 & (1n << BigInt(NESTED_FAULT_BITS.P))) !== 0n;
  return !present && pagesOf(p, domain).includes(Math.floor(Number(info2) / PAGE_SIZE));
}

/** What the hypervisor does about such a fault, after #VMEXIT: the guest gets its page, and loses those that it has left. */
export function answerWatched(p: Platform, domain: DomainCell, fault: Fault): Outcome<null> {
  const { info1, info2 } = exitInfoOf(fault);
  const page = Math.floor(Number(info2) / PAGE_SIZE);
  const access = accessOf(info1);
  p.trace.fact('note', { what: 'followed', domain: domain.id, page, access }, WATCH_RULES.follow);
  const given = setNestedPresent(p, domain, page * PAGE_SIZE, true);
  if (!given.ok || access !== 'fetch') return given.ok ? DONE : given;
  for (const other of pagesOf(p, domain).filter((each) => each !== page)) {
    const taken = setNestedPresent(p, domain, other * PAGE_SIZE, false);
    if (!taken.ok) return taken;
  }
  flushNested(p, domain);
  return DONE;
}
