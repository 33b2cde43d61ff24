import { LARGE_PAGE_SIZE, PAGE_SIZE } from '../core/address';
import type { DomainCell } from '../core/cells';
import { DONE, type Outcome, type Rule } from '../core/fault';
import type { Platform } from '../core/platform';
import { enterGuest } from '../xen/domain';
import { acceptMemory } from './accept';
import { holdsPage, missingIn, withoutRun, withRun } from './pageRuns';

const LAZY: Rule = {
  id: 'guest.accepts-lazily',
  says: 'A kernel with accept_memory=lazy accepts memory 2 MiB at a time, before it first uses some of it, and keeps a bitmap of what is left. Its #VC handler accepts nothing.',
  source:
    'Linux mm/page_alloc.c (accept_memory=, accept_page), drivers/firmware/efi/unaccepted_memory.c (accept_memory), arch/x86/coco/sev/core.c (snp_accept_memory); modelled: Xen has assigned the memory before, and an address that somebody asks for counts as used',
  standing: 'published',
};

/** What one bit of the bitmap stands for. */
const UNIT = LARGE_PAGE_SIZE;
const PAGES = UNIT / PAGE_SIZE;

const WORD = /(?:^|\s)accept_memory=(lazy|eager)(?=\s|$)/g;

/** Does the command line ask for it? The last word counts (Linux’s own default is lazy; this kernel’s is eager, modelled). */
export const wantsLazy = (cmdline: string): boolean => [...cmdline.matchAll(WORD)].at(-1)?.[1] === 'lazy';

/** Memory that nobody has accepted yet: its units are to be accepted before their first use. */
export function leaveForLater(p: Platform, domain: DomainCell, from: number, to: number): void {
  const [first, end] = [Math.floor(from / UNIT), Math.ceil(to / UNIT)];
  const { unaccepted = [] } = p.state.need('guest', domain.id);
  p.trace.patch('guest', domain.id, { unaccepted: withRun(unaccepted, [first, end - first]) });
}

/** Before memory between two GPAs is used: a lazy kernel accepts each unit there that it has not accepted. */
export function acceptBeforeUse(p: Platform, domain: DomainCell, from: number, to: number): Outcome<null> {
  for (let unit = Math.floor(from / UNIT); unit * UNIT < Math.min(to, domain.memory); unit++) {
    const { unaccepted = [] } = p.state.need('guest', domain.id);
    if (!holdsPage(unaccepted, unit)) continue;
    p.trace.fact('note', { what: 'first use', gpa: unit * UNIT }, LAZY);
    p.trace.patch('guest', domain.id, { unaccepted: withoutRun(unaccepted, [unit, 1]) });
    const accepted = acceptUnit(p, domain, unit);
    if (!accepted.ok) return accepted;
  }
  return DONE;
}

function acceptUnit(p: Platform, domain: DomainCell, unit: number): Outcome<null> {
  const entered = enterGuest(p, domain);
  if (!entered.ok) return entered;
  const { accepted = [] } = p.state.need('guest', domain.id);
  const end = Math.min((unit + 1) * PAGES, domain.memory / PAGE_SIZE);
  for (const [first, count] of missingIn(accepted, [unit * PAGES, end - unit * PAGES])) {
    const done = acceptMemory(p, domain, first * PAGE_SIZE, (first + count) * PAGE_SIZE);
    if (!done.ok) return done;
  }
  return DONE;
}
