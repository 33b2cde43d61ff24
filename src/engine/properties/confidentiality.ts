import { BLOCK_SIZE, PAGE_SIZE } from '../core/address';
import { bytesEqual } from '../core/bytes';
import type { Change } from '../core/change';
import { OWNER_GUEST, OWNER_HYPERVISOR, WRITER_PHYSICAL } from '../core/page';
import { called, capital } from '../core/words';
import { Knowledge } from './knowledge';
import { forgottenBy, type Monitor, type Observation, observationOf, type Violation } from './observation';

/** Blocks with fewer different byte values say nothing that could not be guessed. */
const TELLING = 4;
/** Of a page that arrives whole (a dropped file) every n-th block is a witness; of anything smaller every block. */
const WITNESS_STEP = 8;

/**
 * Confidentiality: *no one but its owner ever sees a 16-byte block of plaintext that its owner wrote for itself.*
 *
 * A secret is an aligned block, with at least four different byte values, that exactly one principal wrote privately and
 * that nobody else wrote and it itself never shared. The property is broken by the first `saw` of another principal that
 * contains a secret. The host's own secrets count against a physical attacker only: guests are not the host's rivals.
 */
export class Confidentiality implements Monitor {
  readonly violations: Violation[] = [];
  /** Hash of a block → its one owner, or PUBLIC. */
  private readonly owners = new Map<number, number>();
  private readonly names = new Map<number, string>();
  private readonly written = new Map<number, Knowledge>();

  fold(change: Change, index: number): void {
    const gone = forgottenBy(change);
    if (gone) this.written.get(OWNER_GUEST + gone.domain)?.forget(gone.gpa, gone.length);
    const seen = observationOf(change);
    if (!seen) return;
    this.names.set(seen.principal, seen.actor);
    if (seen.wrote) this.learn(seen);
    else this.look(seen, index);
  }

  private learn(seen: Observation): void {
    const at = seen.gpa ?? seen.spa;
    const memory = this.memoryOf(seen.principal);
    memory.write(at, seen.bytes);
    const step = seen.bytes.length >= PAGE_SIZE ? BLOCK_SIZE * WITNESS_STEP : BLOCK_SIZE;
    for (let block = at - (at % BLOCK_SIZE); block < at + seen.bytes.length; block += step) {
      const bytes = memory.block(block);
      if (bytes && isTelling(bytes)) this.claim(bytes, seen);
    }
  }

  private claim(bytes: Uint8Array, seen: Observation): void {
    const hash = hashBlock(bytes);
    const owner = this.owners.get(hash);
    const claimant = seen.private ? seen.principal : PUBLIC;
    this.owners.set(hash, owner === undefined || owner === claimant ? claimant : PUBLIC);
  }

  private look(seen: Observation, index: number): void {
    const first = (BLOCK_SIZE - (seen.spa % BLOCK_SIZE)) % BLOCK_SIZE;
    for (let i = first; i + BLOCK_SIZE <= seen.bytes.length; i += BLOCK_SIZE) {
      const bytes = seen.bytes.subarray(i, i + BLOCK_SIZE);
      const owner = this.owners.get(hashBlock(bytes));
      if (owner === undefined || owner === PUBLIC || owner === seen.principal) continue;
      if (owner === OWNER_HYPERVISOR && seen.principal !== WRITER_PHYSICAL) continue;
      this.violations.push({
        change: index,
        sentence: `${capital(called(seen.actor))} saw a block of ${called(this.names.get(owner) ?? 'somebody')}’s private plaintext at 0x${(seen.spa + i).toString(16)}.`,
      });
      return;
    }
  }

  private memoryOf(principal: number): Knowledge {
    let memory = this.written.get(principal);
    if (!memory) {
      memory = new Knowledge();
      this.written.set(principal, memory);
    }
    return memory;
  }
}

const PUBLIC = -1;

function isTelling(bytes: Uint8Array): boolean {
  return new Set(bytes).size >= TELLING && !bytesEqual(bytes.subarray(0, 8), bytes.subarray(8));
}

/** 53 bits of a block, enough that two of a session's blocks never meet by chance. */
function hashBlock(bytes: Uint8Array): number {
  let low = 0x811c9dc5;
  let high = 0x9e3779b9;
  for (let i = 0; i < BLOCK_SIZE; i++) {
    const byte = bytes[i] ?? 0;
    low = Math.imul(low ^ byte, 0x01000193);
    high = Math.imul(high ^ (byte + i), 0x85ebca6b);
    high ^= high >>> 13;
  }
  return (high >>> 11) * 2 ** 32 + (low >>> 0);
}
