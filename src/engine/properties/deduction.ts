import { BLOCK_SIZE } from '../core/address';
import { bytesEqual } from '../core/bytes';
import type { Change, FactChange } from '../core/change';
import { OWNER_GUEST } from '../core/page';
import type { Observation } from './observation';
import { type SealedBlock, SealedRegisters } from './sealedRegisters';
import { hashBlock } from './secrets';

/** A block of a principal’s private memory: whose, where in its own memory, and what it wrote there. */
export interface PrivateBlock {
  readonly principal: number;
  readonly address: number;
  readonly bytes: Uint8Array;
}

/** Ciphertext that somebody without the key saw at a place, and what was behind it: nobody but the monitors knows that. */
interface Sighting {
  readonly observer: number;
  readonly ciphertext: number;
  readonly principal: number;
  readonly plaintext: Uint8Array;
  /** The guest had copied it in from shared memory: whoever put it there knows what it is. */
  readonly told: boolean;
}

/** Somebody knows a principal’s secret without having seen it: who, whose, and where that lies. */
export interface Deduced {
  readonly principal: number;
  readonly actor: string;
  readonly spa: number;
}

/** Sightings of one place that are remembered. */
const SIGHTINGS = 32;

/**
 * What follows from ciphertext. Nothing but key, place and plaintext goes into a block of it (`memory.deterministic`), so who
 * saw the same ciphertext twice at one place knows that the same plaintext was behind it. Known is one plaintext that the
 * guest had taken from shared memory, as it takes packets. Then the other is known, too, however privately it was written.
 *
 * A guess counts when the record shows all of that: the guesser saw both, one of them was told to the guest and the other
 * was not, and the guess is what the guest wrote.
 *
 * The same holds for registers that an exit stores: a VMSA is memory like any other, at one place for as long as the guest lives.
 */
export class Deductions {
  /** Guests’ private blocks that were copied in from shared memory: `principal/address`. */
  private readonly told = new Set<string>();
  /** What each guest has read from shared memory last. */
  private readonly heard = new Map<number, Uint8Array>();
  private readonly sightings = new Map<number, Sighting[]>();
  private readonly sealed = new SealedRegisters();
  private readonly behind: (spa: number) => PrivateBlock | null;

  /** @param behind the private block that lies at an SPA. */
  constructor(behind: (spa: number) => PrivateBlock | null) {
    this.behind = behind;
  }

  /** A guest wrote for itself, or read what is shared; `at` is in its own memory. */
  learn({ principal, bytes, private: own, wrote }: Observation, at: number): void {
    if (!wrote) {
      if (!own) this.heard.set(principal, bytes);
      return;
    }
    const heard = this.heard.get(principal);
    const told = own && heard !== undefined && bytesEqual(heard, bytes);
    if (told) this.heard.delete(principal);
    for (let block = at - (at % BLOCK_SIZE); block < at + bytes.length; block += BLOCK_SIZE) {
      const whole = block >= at && block + BLOCK_SIZE <= at + bytes.length;
      if (told && whole) this.told.add(`${principal}/${block}`);
      else this.told.delete(`${principal}/${block}`);
    }
  }

  /** A vCPU left its core. What its guest had heard before is no news at the next exit. */
  left(change: FactChange): void {
    const principal = OWNER_GUEST + Number(change.data.domain);
    this.sealed.exit(change, this.heard.get(principal));
    if (typeof change.data.vmsa === 'number') this.heard.delete(principal);
  }

  /** Somebody wrote: what a page of registers held may be gone. */
  overwritten(spa: number): void {
    this.sealed.overwritten(spa);
  }

  /** Somebody reads what may be another’s ciphertext. */
  see({ principal: observer, spa, bytes, hidden }: Observation): void {
    if (hidden) return;
    const first = (BLOCK_SIZE - (spa % BLOCK_SIZE)) % BLOCK_SIZE;
    for (let i = first; i + BLOCK_SIZE <= bytes.length; i += BLOCK_SIZE) {
      const block = this.at(spa + i);
      if (!block || block.principal === observer) continue;
      const sighting = {
        observer,
        ciphertext: hashBlock(bytes.subarray(i, i + BLOCK_SIZE)),
        principal: block.principal,
        plaintext: block.bytes.slice(),
        told: block.told,
      };
      const before = this.sightings.get(spa + i) ?? [];
      this.sightings.set(spa + i, [sighting, ...before].slice(0, SIGHTINGS));
    }
  }

  /** What lies at an SPA, and whether its guest was told it. */
  private at(spa: number): SealedBlock | null {
    const sealed = this.sealed.behind(spa);
    if (sealed) return sealed;
    const block = this.behind(spa);
    return block && { ...block, told: this.told.has(`${block.principal}/${block.address}`) };
  }

  /** Was a guest’s private block copied in from shared memory? */
  readonly wasTold = (principal: number, address: number): boolean =>
    this.told.has(`${principal}/${address}`);

  /** Whose secret a comparison with a right guess gives away, and where it lies; null for any other change. */
  concluded(change: Change): Deduced | null {
    const comparison = comparisonOf(change);
    if (!comparison?.equal) return null;
    const { observer, actor, spa, guess } = comparison;
    for (let i = 0; i + BLOCK_SIZE <= guess.length; i += BLOCK_SIZE) {
      const seen = (this.sightings.get(spa + i) ?? []).filter((each) => each.observer === observer);
      const [now] = seen;
      const wanted = guess.subarray(i, i + BLOCK_SIZE);
      if (!now || !bytesEqual(now.plaintext, wanted)) continue;
      const same = seen.filter(
        ({ ciphertext, principal, plaintext }) =>
          ciphertext === now.ciphertext && principal === now.principal && bytesEqual(plaintext, wanted),
      );
      if (same.some(({ told }) => told) && same.some(({ told }) => !told))
        return { principal: now.principal, actor, spa: spa + i };
    }
    return null;
  }
}

interface Comparison {
  readonly observer: number;
  readonly actor: string;
  readonly spa: number;
  readonly equal: boolean;
  readonly guess: Uint8Array;
}

function comparisonOf(change: Change): Comparison | null {
  if (change.store !== 'fact' || change.what !== 'note' || change.data.what !== 'compared') return null;
  return comparison(change);
}

const comparison = ({ data, bytes }: FactChange): Comparison => ({
  observer: Number(data.principal),
  actor: String(data.actor),
  spa: Number(data.spa),
  equal: data.equal === true,
  guess: bytes ?? new Uint8Array(0),
});
