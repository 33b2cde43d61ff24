import type { DomainCell } from '../core/cells';
import type { Outcome } from '../core/fault';
import type { Platform } from '../core/platform';
import { destroyDomain, type Omissions } from '../xen/domctl/destroy';
import { chain } from '../xen/trail';

/** `xl destroy`, down to the domctl. */
export const xlDestroy = (p: Platform, domain: DomainCell, omit: Omissions): Outcome<null> =>
  chain(
    p,
    [
      ['xl', 'main_destroy'],
      ['libxl', 'libxl_domain_destroy'],
      ['libxl', 'libxl__domain_destroy'],
      ['libxl', 'libxl__destroy_domid'],
      ['libxc', 'xc_domain_destroy'],
    ],
    { guest: domain.name, id: domain.id },
    () => destroyDomain(p, domain, omit),
  );
