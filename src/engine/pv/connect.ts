import { hex } from '../core/address';
import type { DomainCell } from '../core/cells';
import { DONE, type Outcome, ok } from '../core/fault';
import type { JsonObject } from '../core/json';
import type { Platform } from '../core/platform';
import { call } from '../xen/trail';
import { grantPage } from './grants';
import { guestHypercall } from './hypercall';
import { setUpPages } from './pages';
import { gfnOf } from './sides';

/**
 * The guest’s kernel gets ready for PV drivers: it shares the pages, then tells Xen where they are, and grants Domain-0 the
 * ring of its disk.
 * @param shared what it makes of the pages if it is encrypted; any other guest has no C-bit to forget.
 */
export const connect = (p: Platform, domain: DomainCell, shared: boolean): Outcome<JsonObject> =>
  p.trace.span('guest', domain.name, 'xen_hvm_guest_late_init', { shared }, () => {
    const places = setUpPages(p, domain, shared || !domain.sev);
    if (!places.ok) return places;
    for (const space of ['shared info', 'grant table'] as const) {
      const known = guestHypercall(
        p,
        domain,
        'XENMEM_add_to_physmap',
        { space, gfn: gfnOf(places.value[space]) },
        () => call(p, 'xen', 'xenmem_add_to_physmap', {}, () => DONE),
      );
      if (!known.ok) return known;
    }
    for (const param of ['xenstore ring', 'console ring'] as const) {
      const known = guestHypercall(
        p,
        domain,
        'HVMOP_get_param',
        { param, gfn: gfnOf(places.value[param]) },
        () => call(p, 'xen', 'hvm_get_param', {}, () => DONE),
      );
      if (!known.ok) return known;
    }
    const ring = grantPage(p, domain, places.value['block ring']);
    if (!ring.ok) return ring;
    const shownPlaces = Object.entries(places.value).map(([name, at]) => [name, hex(at)] as const);
    return ok({ shared: shared || !domain.sev, ...Object.fromEntries(shownPlaces) });
  });
