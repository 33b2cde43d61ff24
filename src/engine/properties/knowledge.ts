import { BLOCK_SIZE, PAGE_SIZE } from '../core/address';

/** What one principal has put into one page of its own: bytes, and which of them it knows. */
interface Page {
  bytes: Uint8Array;
  /** One flag a byte; null when all are known. */
  known: Uint8Array | null;
  /** `bytes` belongs to somebody else (a dropped file) and is copied before a change. */
  borrowed: boolean;
}

/**
 * What a principal wrote where, by its own physical addresses: the memory that it has a right to find again. Whole pages
 * are kept by reference, so that a dropped file of many MiB costs nothing.
 */
export class Knowledge {
  private readonly pages = new Map<number, Page>();

  write(address: number, bytes: Uint8Array): void {
    for (let done = 0; done < bytes.length; ) {
      const at = address + done;
      const offset = at % PAGE_SIZE;
      const take = Math.min(PAGE_SIZE - offset, bytes.length - done);
      const part = bytes.subarray(done, done + take);
      if (take === PAGE_SIZE) this.pages.set(at / PAGE_SIZE, { bytes: part, known: null, borrowed: true });
      else this.patch((at - offset) / PAGE_SIZE, offset, part);
      done += take;
    }
  }

  private patch(number: number, offset: number, part: Uint8Array): void {
    let page = this.pages.get(number);
    if (!page) {
      page = { bytes: new Uint8Array(PAGE_SIZE), known: new Uint8Array(PAGE_SIZE), borrowed: false };
      this.pages.set(number, page);
    }
    if (page.borrowed) {
      page.bytes = page.bytes.slice();
      page.borrowed = false;
    }
    page.bytes.set(part, offset);
    page.known?.fill(1, offset, offset + part.length);
  }

  forget(address: number, length: number): void {
    for (let page = Math.floor(address / PAGE_SIZE); page * PAGE_SIZE < address + length; page++)
      this.pages.delete(page);
  }

  /** The whole 16-byte block at an address, or null when not all of it is known. */
  block(address: number): Uint8Array | null {
    const page = this.pages.get(Math.floor(address / PAGE_SIZE));
    if (!page) return null;
    const offset = (address % PAGE_SIZE) - (address % BLOCK_SIZE);
    if (page.known?.subarray(offset, offset + BLOCK_SIZE).includes(0)) return null;
    return page.bytes.subarray(offset, offset + BLOCK_SIZE);
  }

  /** Offset of the first byte that contradicts what was written, or -1. Unknown bytes contradict nothing. */
  firstDifference(address: number, bytes: Uint8Array): number {
    for (let i = 0; i < bytes.length; i++) {
      const page = this.pages.get(Math.floor((address + i) / PAGE_SIZE));
      if (!page) continue;
      const offset = (address + i) % PAGE_SIZE;
      if (page.known && !page.known[offset]) continue;
      if (page.bytes[offset] !== bytes[i]) return i;
    }
    return -1;
  }

  /** A flag a byte: 1 where it is what was written. Unknown bytes are not. */
  confirmed(address: number, bytes: Uint8Array): Uint8Array {
    return bytes.map((byte, i) => {
      const page = this.pages.get(Math.floor((address + i) / PAGE_SIZE));
      const offset = (address + i) % PAGE_SIZE;
      return page && page.known?.[offset] !== 0 && page.bytes[offset] === byte ? 1 : 0;
    });
  }
}
