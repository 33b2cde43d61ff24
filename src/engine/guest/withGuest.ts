import { GUEST_BASE } from '../core/address';
import type { DomainCell } from '../core/cells';
import { type Fault, type Outcome, refuse } from '../core/fault';
import type { GuestObject } from '../core/guestCells';
import type { Platform } from '../core/platform';
import { DOMAIN_RULES, domainNamed, notScheduled } from '../xen/domain';
import { livingDomains } from '../xen/domains';

/** Why nothing of a guest is possible now. */
export function needsGuest(p: Platform): Fault | null {
  if (livingDomains(p).length > 0) return null;
  const none = refuse(
    DOMAIN_RULES.none,
    'refused',
    'There is no guest yet.',
    {},
    'A guest would have to be created first.',
  );
  return none.fault;
}

/** What a guest has put down, without its page tables. */
export const dataObjects = (p: Platform, domain: DomainCell | undefined): GuestObject[] =>
  (domain ? p.state.cell('guest', domain.id)?.objects : undefined)?.filter(
    (object) => object.kind !== 'tables',
  ) ?? [];

/** The guest and address that a form starts with: the first guest and the last thing it put down. */
export function suggestPlace(p: Platform): { guest: string; at: number } {
  const domain = livingDomains(p)[0];
  const object = dataObjects(p, domain).at(-1);
  return { guest: domain?.name ?? '', at: object?.address ?? GUEST_BASE };
}

/** A living guest that runs: a paused one does nothing. */
export function runningGuest(p: Platform, name: string): Outcome<DomainCell> {
  const domain = domainNamed(p, name);
  if (!domain.ok) return domain;
  const stopped = notScheduled(domain.value);
  return stopped ? p.trace.refused(stopped) : domain;
}

/** Finds the running guest and goes on with it. */
export function withGuest<T>(
  p: Platform,
  name: string,
  body: (domain: DomainCell) => Outcome<T>,
): Outcome<T> {
  const domain = runningGuest(p, name);
  return domain.ok ? body(domain.value) : domain;
}
