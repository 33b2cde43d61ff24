import { pfn, spa } from '../engine/core/address';
import type { Change } from '../engine/core/change';
import type { State } from '../engine/core/state';
import { weighObject } from './weigh';

/** Changes a chunk holds at most. */
const CAPACITY = 4096;
/** A chunk that keeps more than this takes no more changes, so that forgetting has small pieces to let go of. */
const FULL = 1024 * 1024;
const FIRST_BLOCK = 4096;
const LARGEST_BLOCK = 256 * 1024;
/** A change of so many bytes keeps its own arrays, which nobody changes any more, instead of copies. */
const WHOLE = 2048;

/**
 * Words of one record. Word 0 is the kind (low 8 bits) and the high part of the address (high 24 bits); word 1 the low
 * part of the address. Then, for a page: before, after; for DRAM: block, offset, length; for the others: object number, and
 * as much for DRAM in large pieces.
 */
const WORDS = 5;
const PAGE = 0;
const DRAM = 1;
const OBJECT = 2;
const LOW = 2 ** 32;

type Mutable<T> = { -readonly [K in keyof T]: T[K] };
type PageChange = Extract<Change, { store: 'page' }>;

/** The one page change that walking hands to the state: a million steps make no garbage. */
const scratch: Mutable<PageChange> = { store: 'page', pfn: pfn(0), before: 0, after: 0 };

/** A run of consecutive changes: 20 bytes a record, few DRAM bytes in blocks beside it, everything else kept as it came. */
export class Chunk {
  /** Index of its first change. */
  readonly start: number;
  count = 0;
  /** Estimated bytes kept, this chunk's own arrays included. */
  bytes = CAPACITY * WORDS * 4;
  private readonly words = new Uint32Array(CAPACITY * WORDS);
  private readonly objects: Change[] = [];
  private readonly blocks: Uint8Array<ArrayBuffer>[] = [];
  /** Bytes used of the last block. */
  private used = 0;

  constructor(start: number) {
    this.start = start;
  }

  get full(): boolean {
    return this.count === CAPACITY || this.bytes > FULL;
  }

  push(change: Change): void {
    const at = this.count * WORDS;
    switch (change.store) {
      case 'page':
        this.put(at, PAGE, change.pfn, change.before, change.after, 0);
        break;
      case 'dram':
        if (change.before.length !== change.after.length)
          throw new RangeError(`DRAM change of ${change.before.length} to ${change.after.length} bytes`);
        if (change.after.length >= WHOLE) this.pushObject(at, change);
        else this.pushBytes(at, change.address, change.before, change.after);
        break;
      default:
        this.pushObject(at, change);
    }
    this.count++;
  }

  /** The change at place `n` of this chunk, with bytes of its own. */
  change(n: number): Change {
    const kept = this.view(n);
    if (kept.store === 'page') return { ...kept };
    return kept.store === 'dram' ? { ...kept, before: kept.before.slice(), after: kept.after.slice() } : kept;
  }

  apply(state: State, n: number): void {
    state.apply(this.view(n));
  }

  revert(state: State, n: number): void {
    state.revert(this.view(n));
  }

  /** Keeps the first `count` changes. */
  truncate(count: number): void {
    let [objects, block, used] = [0, -1, 0];
    for (let n = 0; n < count; n++) {
      const at = n * WORDS;
      if (this.kind(at) === OBJECT) objects++;
      if (this.kind(at) === DRAM)
        [block, used] = [this.word(at + 2), this.word(at + 3) + 2 * this.word(at + 4)];
    }
    for (const dropped of this.objects.splice(objects)) this.bytes -= weighObject(dropped);
    for (const dropped of this.blocks.splice(block + 1)) this.bytes -= dropped.length;
    this.used = used;
    this.count = count;
  }

  /** Without copying: valid until the next call, and while nothing is truncated. */
  private view(n: number): Change {
    const at = n * WORDS;
    if (this.kind(at) === OBJECT) return this.objects[this.address(at)]!;
    if (this.kind(at) === PAGE) {
      scratch.pfn = pfn(this.address(at));
      scratch.before = this.word(at + 2);
      scratch.after = this.word(at + 3);
      return scratch;
    }
    const [block, from, length] = [this.blocks[this.word(at + 2)]!, this.word(at + 3), this.word(at + 4)];
    const middle = from + length;
    return {
      store: 'dram',
      address: spa(this.address(at)),
      before: block.subarray(from, middle),
      after: block.subarray(middle, middle + length),
    };
  }

  private pushObject(at: number, change: Change): void {
    this.put(at, OBJECT, this.objects.length, 0, 0, 0);
    this.objects.push(change);
    this.bytes += weighObject(change);
  }

  private pushBytes(at: number, address: number, before: Uint8Array, after: Uint8Array): void {
    const need = 2 * before.length;
    let block = this.blocks.at(-1);
    if (!block || this.used + need > block.length) {
      const next = block ? Math.min(block.length * 4, LARGEST_BLOCK) : FIRST_BLOCK;
      block = new Uint8Array(Math.max(next, need));
      this.blocks.push(block);
      this.bytes += block.length;
      this.used = 0;
    }
    block.set(before, this.used);
    block.set(after, this.used + before.length);
    this.put(at, DRAM, address, this.blocks.length - 1, this.used, before.length);
    this.used += need;
  }

  private put(at: number, kind: number, address: number, a: number, b: number, c: number): void {
    this.words[at] = kind + Math.floor(address / LOW) * 256;
    this.words[at + 1] = address % LOW;
    this.words[at + 2] = a;
    this.words[at + 3] = b;
    this.words[at + 4] = c;
  }

  private word(at: number): number {
    return this.words[at]!;
  }

  private kind(at: number): number {
    return this.word(at) & 0xff;
  }

  private address(at: number): number {
    const high = this.word(at) >>> 8;
    return high === 0 ? this.word(at + 1) : high * LOW + this.word(at + 1);
  }
}
