import { pageBase } from '../core/address';
import type { DomainCell } from '../core/cells';
import type { Platform } from '../core/platform';

/** GPA at which a kernel has put an address of the process that it runs on a vCPU; null: it is none of a process. */
export function meantPlace(p: Platform, { id }: DomainCell, vcpu: number, virtual: number): number | null {
  const os = p.state.cell('guest', id);
  const name = os?.running?.[vcpu];
  if (name === undefined) return null;
  const process = os?.processes?.find((each) => each.name === name);
  const page = process?.pages.find(({ at }) => at === pageBase(virtual));
  return page ? page.gpa + virtual - page.at : null;
}
