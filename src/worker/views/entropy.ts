import type { State } from '../../engine/core/state';

/** Shannon entropy of each written page, 0 … 255 for 0 … 8 bits a byte; a page's value is kept until its bytes change. */
export class EntropyView {
  private readonly known = new Map<
    number,
    { readonly page: Uint8Array; readonly sum: number; readonly value: number }
  >();

  /** Pairs (page frame number, value) of all written pages. */
  of(state: State): Uint32Array {
    const out = new Uint32Array(state.dram.pages.size * 2);
    let i = 0;
    for (const [pfn, page] of state.dram.pages) {
      out[i++] = pfn;
      out[i++] = this.value(pfn, page);
    }
    return out;
  }

  private value(pfn: number, page: Uint8Array): number {
    const sum = checksum(page);
    const held = this.known.get(pfn);
    if (held && held.page === page && held.sum === sum) return held.value;
    const value = entropyOf(page);
    this.known.set(pfn, { page, sum, value });
    return value;
  }
}

function checksum(page: Uint8Array): number {
  const words = new Uint32Array(page.buffer, page.byteOffset, page.length / 4);
  let sum = 1;
  for (let i = 0; i < words.length; i++) sum = (Math.imul(sum, 0x01000193) ^ (words[i] as number)) | 0;
  return sum;
}

/** Scaled so that 255 is 8 bits a byte. */
function entropyOf(bytes: Uint8Array): number {
  const counts = new Uint32Array(256);
  for (let i = 0; i < bytes.length; i++)
    counts[bytes[i] as number] = (counts[bytes[i] as number] as number) + 1;
  let bits = 0;
  for (const count of counts) if (count > 0) bits -= (count / bytes.length) * Math.log2(count / bytes.length);
  return Math.round((bits / 8) * 255);
}
