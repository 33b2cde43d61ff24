import { PAGE_SIZE } from './address';
import type { CacheLine, TlbEntry } from './change';

/**
 * DRAM as it is on the stick: ciphertext where the controller encrypted, sparse. A page that was never written costs
 * nothing and holds zeros (modelled: real DRAM holds whatever it powered up with).
 */
export class Dram {
  readonly pages = new Map<number, Uint8Array>();
  private readonly slabs = new Map<number, ArrayBuffer>();

  /** The address bit that reaches no cell, a power of two of at least 1 MiB; 0: none. See `StickCell`. */
  dead = 0;

  /** The address by which the cell behind an address is known: `pages`, `slab` and `write` go by that. */
  cellOf(address: number): number {
    return this.dead !== 0 && Math.floor(address / this.dead) % 2 === 1 ? address - this.dead : address;
  }

  /** The bytes of the slab with that number, in which its pages lie; undefined: none of them was ever written. */
  slab(number: number): ArrayBuffer | undefined {
    return this.slabs.get(this.dead === 0 ? number : this.cellOf(number * SLAB_SIZE) / SLAB_SIZE);
  }

  /** Copies `length` bytes from `address` on; never fails, missing pages are zeros. */
  read(address: number, length: number): Uint8Array<ArrayBuffer> {
    const out = new Uint8Array(length);
    let done = 0;
    while (done < length) {
      const at = this.cellOf(address + done);
      const offset = at % PAGE_SIZE;
      const take = Math.min(PAGE_SIZE - offset, length - done);
      const page = this.pages.get((at - offset) / PAGE_SIZE);
      if (page) out.set(page.subarray(offset, offset + take), done);
      done += take;
    }
    return out;
  }

  /** @param address that of the cells. */
  write(address: number, bytes: Uint8Array): void {
    let done = 0;
    while (done < bytes.length) {
      const at = address + done;
      const offset = at % PAGE_SIZE;
      const number = (at - offset) / PAGE_SIZE;
      const take = Math.min(PAGE_SIZE - offset, bytes.length - done);
      let page = this.pages.get(number);
      if (!page) {
        page = this.room(number);
        this.pages.set(number, page);
      }
      page.set(bytes.subarray(done, done + take), offset);
      done += take;
    }
  }

  private room(page: number): Uint8Array {
    const address = page * PAGE_SIZE;
    const offset = address % SLAB_SIZE;
    const number = (address - offset) / SLAB_SIZE;
    let slab = this.slabs.get(number);
    if (!slab) {
      slab = new ArrayBuffer(SLAB_SIZE);
      this.slabs.set(number, slab);
    }
    return new Uint8Array(slab, offset, PAGE_SIZE);
  }
}

/** Bytes of DRAM that lie in one array, and take room only where they are written: whoever reads all over memory needs few arrays. */
export const SLAB_SIZE = 256 * 1024;

const CHUNK = 65536;

/** One packed `PageMeta` word a page, in chunks that exist only where a page differs from 0. */
export class PageWords {
  readonly chunks = new Map<number, Uint32Array>();

  get(pfn: number): number {
    const chunk = this.chunks.get(Math.floor(pfn / CHUNK));
    return chunk ? (chunk[pfn % CHUNK] ?? 0) : 0;
  }

  set(pfn: number, word: number): void {
    const number = Math.floor(pfn / CHUNK);
    let chunk = this.chunks.get(number);
    if (!chunk) {
      chunk = new Uint32Array(CHUNK);
      this.chunks.set(number, chunk);
    }
    chunk[pfn % CHUNK] = word;
  }
}

/** The lines of one cache, by slot name (see `lineSlot`), and by address: a snoop asks which views of it are here. */
export class CacheStore extends Map<string, CacheLine> {
  private readonly views = new Map<number, readonly CacheLine[]>();

  /** The lines at an address, under whatever key, in the order of their selectors. */
  at(address: number): readonly CacheLine[] {
    return this.views.get(address) ?? NO_LINES;
  }

  override set(slot: string, line: CacheLine): this {
    const others = this.at(line.address).filter(({ key }) => key !== line.key);
    this.views.set(
      line.address,
      [...others, line].sort((a, b) => a.key - b.key),
    );
    return super.set(slot, line);
  }

  override delete(slot: string): boolean {
    const line = this.get(slot);
    if (!line) return false;
    const others = this.at(line.address).filter(({ key }) => key !== line.key);
    if (others.length > 0) this.views.set(line.address, others);
    else this.views.delete(line.address);
    return super.delete(slot);
  }
}

const NO_LINES: readonly CacheLine[] = [];

/** The entries of one TLB, by slot name; see `tlbSlot`. */
export type TlbStore = Map<string, TlbEntry>;

/** A line's place: the same address under another key is another line (APM vol. 2 §15.34.9). */
export const lineSlot = (address: number, key: number): string => `${address.toString(16)}/${key}`;
export const tlbSlot = (asid: number, page: number): string => `${asid}/${page.toString(16)}`;
