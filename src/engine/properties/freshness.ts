import { BLOCK_SIZE } from '../core/address';
import { bytesEqual } from '../core/bytes';
import type { Change } from '../core/change';
import { OWNER_GUEST } from '../core/page';
import { called, capital } from '../core/words';
import { Knowledge } from './knowledge';
import { forgottenBy, type Monitor, type Observation, observationOf, type Violation } from './observation';

/** How many earlier contents of a block are kept. */
const VERSIONS = 8;

/**
 * Freshness: *no guest reads privately what it has overwritten since.*
 *
 * A part of integrity: what is read differs from what was written last, and is what the same guest wrote there earlier. Kept a
 * block of 16 bytes; of a block only the bytes that were read have to be the old ones, and one of them has to differ.
 */
export class Freshness implements Monitor {
  readonly violations: Violation[] = [];
  private readonly guests = new Map<number, { now: Knowledge; past: Map<number, Uint8Array[]> }>();

  fold(change: Change, index: number): void {
    const gone = forgottenBy(change);
    if (gone) this.forget(OWNER_GUEST + gone.domain, gone.gpa, gone.length);
    const seen = observationOf(change);
    if (!seen || seen.principal < OWNER_GUEST || seen.gpa === null) return;
    if (seen.wrote) this.learn(seen, seen.gpa);
    else if (seen.private) this.look(seen, seen.gpa, index);
  }

  private learn({ principal, private: own, bytes }: Observation, gpa: number): void {
    if (!own) {
      this.forget(principal, gpa, bytes.length);
      return;
    }
    const { now, past } = this.memoryOf(principal);
    for (const block of blocks(gpa, bytes.length)) {
      const old = now.block(block)?.slice();
      if (old) past.set(block, [old, ...(past.get(block) ?? [])].slice(0, VERSIONS));
    }
    now.write(gpa, bytes);
  }

  private look({ principal, actor, address, bytes }: Observation, gpa: number, index: number): void {
    const { now, past } = this.memoryOf(principal);
    for (const block of blocks(gpa, bytes.length)) {
      const from = Math.max(block, gpa);
      const part = bytes.subarray(from - gpa, Math.min(block + BLOCK_SIZE, gpa + bytes.length) - gpa);
      if (now.firstDifference(from, part) < 0) continue;
      const at = from - block;
      const old = past.get(block)?.some((each) => bytesEqual(each.subarray(at, at + part.length), part));
      if (!old) continue;
      const where = (address + from - gpa).toString(16);
      this.violations.push({
        change: index,
        sentence: `${capital(called(actor))} read at 0x${where} what it had overwritten since.`,
      });
      return;
    }
  }

  private forget(principal: number, gpa: number, length: number): void {
    const memory = this.guests.get(principal);
    if (!memory) return;
    memory.now.forget(gpa, length);
    for (const block of memory.past.keys())
      if (block >= gpa && block < gpa + length) memory.past.delete(block);
  }

  private memoryOf(principal: number): { now: Knowledge; past: Map<number, Uint8Array[]> } {
    let memory = this.guests.get(principal);
    if (!memory) {
      memory = { now: new Knowledge(), past: new Map() };
      this.guests.set(principal, memory);
    }
    return memory;
  }
}

function* blocks(address: number, length: number): Generator<number> {
  for (let block = address - (address % BLOCK_SIZE); block < address + length; block += BLOCK_SIZE)
    yield block;
}
