import { alignUp, GUEST_BASE, PAGE_SIZE } from '../core/address';
import type { DomainCell } from '../core/cells';
import { type Outcome, ok, type Rule, refuse } from '../core/fault';
import type { Platform } from '../core/platform';
import { acceptBeforeUse } from './lazy';

const NO_ROOM: Rule = {
  id: 'guest.no-room',
  says: 'A guest can only use the memory that it was given.',
  source: 'the guest OS of this simulator hands out pages in order and never takes one back (modelled)',
  standing: 'modelled',
};

/** Hands out whole pages, which a lazy kernel accepts first. Answers with the GVA. */
export function takePages(p: Platform, domain: DomainCell, name: string, length: number): Outcome<number> {
  const { nextData } = p.state.need('guest', domain.id);
  const left = p.state.need('domain', domain.id).memory - nextData;
  if (alignUp(length, PAGE_SIZE) > left) {
    return refuse(
      NO_ROOM,
      'refused',
      `${domain.name} needs ${length} bytes for ${name} and has ${left} left.`,
      { needed: length, left },
      'More memory for the guest (guest.grow).',
    );
  }
  const end = nextData + alignUp(length, PAGE_SIZE);
  const usable = acceptBeforeUse(p, domain, nextData, end);
  if (!usable.ok) return usable;
  p.trace.patch('guest', domain.id, { nextData: end });
  return ok(GUEST_BASE + nextData);
}
