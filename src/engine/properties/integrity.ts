import type { Change } from '../core/change';
import { OWNER_GUEST } from '../core/page';
import { called, capital } from '../core/words';
import { Knowledge } from './knowledge';
import { believedBy, forgottenBy, type Monitor, observationOf, type Violation } from './observation';

/**
 * Integrity: *whatever a guest reads privately is what it last wrote there.*
 *
 * Kept a guest and guest physical address: each private write is remembered, and what its owner has made sure of at the launch, and the property is broken by the first
 * private `saw` of the guest that differs. Memory that the guest never wrote, shared, or converted since makes no promise.
 */
export class Integrity implements Monitor {
  readonly violations: Violation[] = [];
  private readonly written = new Map<number, Knowledge>();

  fold(change: Change, index: number): void {
    const gone = forgottenBy(change);
    if (gone) this.written.get(OWNER_GUEST + gone.domain)?.forget(gone.gpa, gone.length);
    const believed = believedBy(change);
    if (believed) this.memoryOf(OWNER_GUEST + believed.domain).write(believed.gpa, believed.bytes);
    const seen = observationOf(change);
    if (!seen || seen.principal < OWNER_GUEST || seen.gpa === null) return;
    const memory = this.memoryOf(seen.principal);
    if (seen.wrote) {
      if (seen.private) memory.write(seen.gpa, seen.bytes);
      else memory.forget(seen.gpa, seen.bytes.length);
      return;
    }
    if (!seen.private) return;
    const at = memory.firstDifference(seen.gpa, seen.bytes);
    if (at < 0) return;
    this.violations.push({
      change: index,
      sentence: `${capital(called(seen.actor))} read at 0x${(seen.address + at).toString(16)} something that it did not write.`,
    });
  }

  private memoryOf(principal: number): Knowledge {
    const memory = this.written.get(principal) ?? new Knowledge();
    this.written.set(principal, memory);
    return memory;
  }
}
