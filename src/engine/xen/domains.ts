import type { DomainCell } from '../core/cells';
import type { Platform } from '../core/platform';

/** All domains that were ever created, in that order. */
export function domains(p: Platform): DomainCell[] {
  const count = p.state.cell('xen')?.domains ?? 0;
  return Array.from({ length: count }, (_, id) => p.state.need('domain', id));
}

export const livingDomains = (p: Platform): DomainCell[] => domains(p).filter((domain) => domain.alive);
