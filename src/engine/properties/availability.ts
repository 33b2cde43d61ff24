import type { Change, FactChange } from '../core/change';
import type { Monitor, Violation } from './observation';

/** Faults that end what a guest was doing; a nested page fault only where the RMP refused: of others devices are made. */
const STOPS: ReadonlySet<string> = new Set(['#VC', 'VMEXIT_INVALID', 'terminated']);

const stops = ({ data, rule }: FactChange): boolean =>
  STOPS.has(String(data.name)) || (data.name === '#NPF' && rule?.id.startsWith('rmp.') === true);

/**
 * Availability: *what a guest wants to do goes on.* No technology promises it: the hypervisor can always leave a guest lying. It
 * is shown, since it is the price at which the other properties are kept. Broken by the first fault that stops a guest.
 */
export class Availability implements Monitor {
  readonly violations: Violation[] = [];

  fold(change: Change, index: number): void {
    if (change.store !== 'fact' || change.what !== 'fault' || !stops(change)) return;
    this.violations.push({ change: index, sentence: String(change.data.message) });
  }
}
