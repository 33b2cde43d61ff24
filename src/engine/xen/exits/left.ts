import type { DomainCell } from '../../core/cells';

/** A vCPU that has left its guest, and the core on which it ran. */
export interface Left {
  readonly domain: DomainCell;
  readonly vcpu: number;
  readonly core: number;
  readonly complex: number;
}
