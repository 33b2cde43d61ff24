import type { DomainCell } from '../core/cells';
import type { Platform } from '../core/platform';

/** All guests that were ever created, in that order; numbers begin at 1, behind Domain-0. */
export function domains(p: Platform): DomainCell[] {
  const count = p.state.cell('xen')?.domains ?? 0;
  return Array.from({ length: count }, (_, before) => p.state.need('domain', before + 1));
}

export const livingDomains = (p: Platform): DomainCell[] => domains(p).filter((domain) => domain.alive);
