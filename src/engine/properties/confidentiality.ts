import { BLOCK_SIZE, PAGE_SIZE } from '../core/address';
import { bytesEqual } from '../core/bytes';
import type { Change } from '../core/change';
import { OWNER_GUEST, OWNER_HYPERVISOR, pageStructure, WRITER_PHYSICAL } from '../core/page';
import { called, capital } from '../core/words';
import { type Deduced, Deductions, type PrivateBlock } from './deduction';
import { giveAway, type ToldBits, toldBits } from './faultAddress';
import { Knowledge } from './knowledge';
import { forgottenBy, type Monitor, type Observation, observationOf, type Violation } from './observation';
import { Runs } from './runs';
import { hashBlock, isTelling } from './secrets';

/** Of a page that arrives whole (a dropped file) every n-th block is known wherever it turns up, the others where they lie. */
const WITNESS_STEP = 8;
const PUBLIC = -1;

/** Bytes of which some are not the reader’s. */
interface Mistaken {
  readonly bytes: Uint8Array;
  /** A flag a byte: it is as the reader wrote it. */
  readonly own: Uint8Array;
}

/** Who wrote a frame last, and what it is in the writer's own memory. */
interface Frame {
  readonly principal: number;
  /** First address of the page in the writer's physical memory. */
  readonly page: number;
  readonly private: boolean;
}

/**
 * Confidentiality: *no one but its owner ever sees a 16-byte block of plaintext that its owner wrote for itself.*
 *
 * A secret is an aligned block, with at least four different byte values, that exactly one principal wrote privately and
 * that nobody else wrote or had seen before, and it itself never shared. The property is broken by the first `saw` of
 * another principal that contains a secret. The host's own secrets count against a physical attacker only: guests are not
 * the host's rivals. A guest that reads what it did not write there, and sends that on, does not mean to share it. Page tables and control blocks are no secrets: everybody can guess them. What somebody shares is told
 * wherever it comes to lie, also on a table that the hypervisor mapped there. A guess that follows from ciphertext counts as seen
 * (`deduction.ts`) or from how a program runs (`runs.ts`), and so does a block of which a fault address has told a part (`faultAddress.ts`).
 */
export class Confidentiality implements Monitor {
  readonly violations: Violation[] = [];
  /** Hash of a block → its one owner, or PUBLIC. */
  private readonly owners = new Map<number, number>();
  private readonly names = new Map<number, string>();
  private readonly written = new Map<number, Knowledge>();
  private readonly frames = new Map<number, Frame>();
  /** Bytes that lie shared, by SPA, whoever wrote them: several may have put a block together. */
  private readonly open = new Knowledge();
  private readonly structures = new Set<number>();
  /** What a guest has read privately last, where something in it was not what the guest had written there. */
  private readonly mistaken = new Map<number, Mistaken>();
  private readonly deductions = new Deductions((spa) => this.behind(spa));
  private readonly runs = new Runs({
    block: (principal, address) => this.memoryOf(principal).block(address),
    told: this.deductions.wasTold,
    behind: (spa) => this.behind(spa),
  });

  fold(change: Change, index: number): void {
    if (change.store === 'page') {
      if (pageStructure(change.after)) this.structures.add(change.pfn);
      else if (pageStructure(change.before)) this.structures.delete(change.pfn);
      return;
    }
    this.follow(change, index);
    const gone = forgottenBy(change);
    if (gone) this.written.get(OWNER_GUEST + gone.domain)?.forget(gone.gpa, gone.length);
    const seen = observationOf(change);
    if (!seen) return;
    this.names.set(seen.principal, seen.actor);
    if (seen.wrote) this.deductions.overwritten(seen.spa);
    if (seen.principal >= OWNER_GUEST) this.deductions.learn(seen, seen.gpa ?? seen.spa);
    if (!seen.wrote) this.deductions.see(seen);
    this.runs.observe(seen);
    this.mistake(seen);
    if (seen.wrote) this.learn(seen);
    else this.look(seen, index);
  }

  /** Pages that the firmware moves stay their guests’; a right guess about ciphertext is as good as a look behind it. */
  private follow(change: Change, index: number): void {
    if (change.store !== 'fact' || change.what !== 'note') return;
    if (change.data.what === 'page moved') {
      const { from, to, length } = change.data;
      for (let at = 0; at < Number(length); at += PAGE_SIZE) this.move(Number(from) + at, Number(to) + at);
    }
    const told = toldBits(change);
    if (told) this.lookPartly(told, index);
    if (change.data.what === 'left') this.deductions.left(change);
    const seen = this.deductions.concluded(change);
    if (seen) this.deduced(seen, 'the ciphertext is that of a text that it knows', index);
    const followed = this.runs.concluded(change);
    if (followed) this.deduced(followed, 'the program runs as it does with a value that it knows', index);
  }

  private deduced({ principal, actor, spa }: Deduced, why: string, index: number): void {
    const whose = called(this.names.get(principal) ?? 'somebody');
    const sentence = `${capital(called(actor))} knows what ${whose} keeps at 0x${spa.toString(16)}: ${why}.`;
    this.violations.push({ change: index, sentence });
  }

  private lookPartly(told: ToldBits, index: number): void {
    const kept = this.behind(told.spa);
    if (!kept || !giveAway(told, kept) || this.owners.get(hashBlock(kept.bytes)) !== kept.principal) return;
    this.violations.push({
      change: index,
      sentence: `${capital(called(told.actor))} read a part of what ${called(this.names.get(kept.principal) ?? 'somebody')} keeps at 0x${told.spa.toString(16)} from the address of a fault.`,
    });
  }

  private move(from: number, to: number): void {
    const frame = this.frames.get(from / PAGE_SIZE);
    this.frames.delete(from / PAGE_SIZE);
    if (frame) this.frames.set(to / PAGE_SIZE, frame);
    else this.frames.delete(to / PAGE_SIZE);
  }

  /** What a guest keeps privately at an SPA, as far as all of the block is known. */
  private behind(spa: number): PrivateBlock | null {
    const frame = this.frames.get(Math.floor(spa / PAGE_SIZE));
    if (!frame?.private || frame.principal < OWNER_GUEST) return null;
    const address = frame.page + (spa % PAGE_SIZE);
    const bytes = this.memoryOf(frame.principal).block(address);
    return bytes && { principal: frame.principal, address, bytes };
  }

  private mistake({ wrote, principal, private: own, gpa, bytes }: Observation): void {
    if (wrote || !own || principal < OWNER_GUEST || gpa === null) return;
    const memory = this.memoryOf(principal);
    if (memory.firstDifference(gpa, bytes) < 0) this.mistaken.delete(principal);
    else this.mistaken.set(principal, { bytes, own: memory.confirmed(gpa, bytes) });
  }

  /** Of what a guest passes on, unchanged, the blocks that it knows for its own; all of it, where it was not made to read any other. */
  private *meant(seen: Observation): Generator<Observation> {
    const read = this.mistaken.get(seen.principal);
    if (seen.private || !read || !bytesEqual(read.bytes, seen.bytes)) {
      yield seen;
      return;
    }
    for (let to = 0, from = 0; from < seen.bytes.length; from = to) {
      to = Math.min(from + BLOCK_SIZE - ((seen.spa + from) % BLOCK_SIZE), seen.bytes.length);
      if (read.own.subarray(from, to).includes(0)) continue;
      const gpa = seen.gpa === null ? null : seen.gpa + from;
      yield { ...seen, gpa, spa: seen.spa + from, bytes: seen.bytes.subarray(from, to) };
    }
  }

  private learn(seen: Observation): void {
    const frame = Math.floor(seen.spa / PAGE_SIZE);
    if (seen.private && this.structures.has(frame)) return;
    const at = seen.gpa ?? seen.spa;
    const memory = this.memoryOf(seen.principal);
    memory.write(at, seen.bytes);
    const page = at - (at % PAGE_SIZE);
    this.frames.set(frame, { principal: seen.principal, page, private: seen.private });
    for (const part of this.meant(seen)) this.tell(part, memory);
  }

  /** Whose the blocks are that somebody has written knowingly. */
  private tell(seen: Observation, memory: Knowledge): void {
    const at = seen.gpa ?? seen.spa;
    if (seen.private) this.open.forget(seen.spa, seen.bytes.length);
    else this.publish(seen);
    const sparse = seen.private && seen.bytes.length >= PAGE_SIZE;
    const step = sparse ? BLOCK_SIZE * WITNESS_STEP : BLOCK_SIZE;
    for (let block = at - (at % BLOCK_SIZE); block < at + seen.bytes.length; block += step) {
      const bytes = memory.block(block);
      if (bytes && isTelling(bytes)) this.claim(bytes, seen);
    }
  }

  /** Whole blocks of shared bytes are nobody’s secret, whatever each of their bytes came with. */
  private publish({ spa, bytes }: Observation): void {
    this.open.write(spa, bytes);
    for (let block = spa - (spa % BLOCK_SIZE); block < spa + bytes.length; block += BLOCK_SIZE) {
      const whole = this.open.block(block);
      if (whole && isTelling(whole)) this.owners.set(hashBlock(whole), PUBLIC);
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
      const owner = this.ownerOf(seen.bytes.subarray(i, i + BLOCK_SIZE), seen.spa + i);
      if (owner === PUBLIC || owner === seen.principal) continue;
      if (owner === OWNER_HYPERVISOR && seen.principal !== WRITER_PHYSICAL) continue;
      this.violations.push({
        change: index,
        sentence: `${capital(called(seen.actor))} saw a block of ${called(this.names.get(owner) ?? 'somebody')}’s private plaintext at 0x${(seen.spa + i).toString(16)}.`,
      });
      return;
    }
  }

  /** Whose secret a block is that somebody sees at a place; one that nobody owns is known from now on. */
  private ownerOf(bytes: Uint8Array, spa: number): number {
    if (!isTelling(bytes)) return PUBLIC;
    const hash = hashBlock(bytes);
    const owner = this.owners.get(hash);
    if (owner !== undefined) return owner;
    const frame = this.frames.get(Math.floor(spa / PAGE_SIZE));
    const written = frame?.private && this.memoryOf(frame.principal).block(frame.page + (spa % PAGE_SIZE));
    if (written && bytesEqual(written, bytes)) return frame.principal;
    this.owners.set(hash, PUBLIC);
    return PUBLIC;
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
