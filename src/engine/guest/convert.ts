import { GUEST_BASE, PAGE_SIZE } from '../core/address';
import type { DomainCell } from '../core/cells';
import type { Rule } from '../core/fault';
import { DONE, type Outcome } from '../core/fault';
import type { Platform } from '../core/platform';
import { selectKey } from '../cpu/key';
import { keyContext, selector } from '../cpu/mode';
import { translate } from '../cpu/translate';
import { flushRange } from '../memory/flush';
import { enterGuest } from '../xen/domain';
import { frameAt } from '../xen/frames';
import { guestAccess } from './kernelAccess';
import { acceptBeforeUse } from './lazy';
import { setGuestC } from './mapping';
import { isShared } from './memory';
import { askForState } from './pageState';
import { validate } from './svsm/calls';

const CHANGE_C: Rule = {
  id: 'guest.change-c',
  says: 'Changing C re-interprets bytes and converts nothing: write the data again through the new mapping, and flush the lines of the old one first where hardware does not keep them coherent.',
  source: 'APM vol. 2 §15.34.7, §7.10.6',
  standing: 'published',
};

export interface Conversion {
  readonly shared: boolean;
  /** Flush the old view's lines before the C-bit changes. */
  readonly flush: boolean;
  /** Read the page before and write it again after, so that its contents survive. */
  readonly keep: boolean;
}

/** Makes pages of a guest shared or private, with the flushes and copies that the caller asks for. */
export function convertPages(
  p: Platform,
  domain: DomainCell,
  virtual: number,
  pages: number,
  how: Conversion,
): Outcome<null> {
  const first = virtual - (virtual % PAGE_SIZE);
  for (let page = 0; page < pages; page++) {
    const done = convertPage(p, domain, first + page * PAGE_SIZE, how);
    if (!done.ok) return done;
  }
  return DONE;
}

function convertPage(p: Platform, domain: DomainCell, virtual: number, how: Conversion): Outcome<null> {
  return p.trace.span(
    'guest',
    domain.name,
    how.shared ? 'set_memory_decrypted' : 'set_memory_encrypted',
    { address: virtual, flush: how.flush, keep: how.keep },
    () => {
      const entered = enterGuest(p, domain);
      if (!entered.ok) return entered;
      p.trace.fact(
        'note',
        { what: 'conversion', address: virtual, to: how.shared ? 'shared' : 'private' },
        CHANGE_C,
      );
      const kept = how.keep ? guestAccess(p, domain, 'read', virtual, PAGE_SIZE) : null;
      if (kept && !kept.ok) return kept;
      if (how.flush) flushOldView(p, domain, virtual);
      const changed = changeMapping(p, domain, virtual, how.shared);
      if (!changed.ok) return changed;
      markPage(p, domain, virtual, how.shared);
      if (!kept) return DONE;
      const written = guestAccess(p, domain, 'write', virtual, PAGE_SIZE, kept.value, how.flush);
      return written.ok ? DONE : written;
    },
  );
}

/**
 * The C-bit, and with SNP the page’s state, where the kernel believes that it changes: a page is given up before it is shared, and
 * accepted after it has come back (cpu-and-rmp.md E.8).
 */
function changeMapping(p: Platform, domain: DomainCell, virtual: number, shared: boolean): Outcome<null> {
  const usable = acceptBeforeUse(p, domain, virtual - GUEST_BASE, virtual - GUEST_BASE + PAGE_SIZE);
  if (!usable.ok) return usable;
  if (!domain.snp || isShared(p, domain, virtual) === shared) return setGuestC(p, domain, virtual, !shared);
  const steps = [
    () => setGuestC(p, domain, virtual, !shared),
    () => askForState(p, domain, virtual, shared ? 'shared' : 'private'),
    () => validate(p, domain, virtual, !shared),
  ];
  for (const step of shared ? steps.reverse() : steps) {
    const done = step();
    if (!done.ok) return done;
  }
  return DONE;
}

/** CLFLUSH of the page through the mapping that is about to go. */
function flushOldView(p: Platform, domain: DomainCell, virtual: number): void {
  const core = p.state.need('core', domain.core);
  const { outcome } = translate(p, domain.core, virtual, 'read');
  if (!outcome.ok) return;
  const { spa, c, nestedC } = outcome.value;
  const choice = selectKey({ ...keyContext(p, core), kind: 'data', c, nestedC });
  flushRange(p, spa, PAGE_SIZE, selector(choice.key, core.asid));
}

/** The guest's OS notes what a page is now, and expects nothing of it any more: others may have written there. */
export function markPage(p: Platform, domain: DomainCell, virtual: number, shared: boolean): void {
  const os = p.state.need('guest', domain.id);
  const number = (virtual - GUEST_BASE) / PAGE_SIZE;
  const others = os.shared.filter((page) => page !== number);
  p.trace.patch('guest', domain.id, { shared: shared ? [...others, number] : others });
  p.trace.fact('note', { what: 'forget', domain: domain.id, gpa: virtual - GUEST_BASE, length: PAGE_SIZE });
  const frame = frameAt(domain.frames, number);
  if (frame !== null) p.trace.page(frame, { shared });
}
