import { GUEST_BASE, HUGE_PAGE_SIZE, LARGE_PAGE_SIZE, PAGE_SIZE } from '../core/address';
import type { Platform } from '../core/platform';
import { guestFormat } from '../cpu/mode';
import { ENTRY, LEAF_BITS, levelIndex, makeEntry, TABLE_BITS } from '../memory/pageTable';

/** Above this much memory a guest maps itself with 2 MiB pages, below with 4 KiB pages. */
const SMALL = 64 * 1024 * 1024;

/** The page tables of a guest of this size as `[GPA, bytes]`, from the root at `at` on: a direct map at `GUEST_BASE`. */
export function directMap(p: Platform, memory: number, sev: boolean, at = PAGE_SIZE): [number, Uint8Array][] {
  const format = guestFormat(p, sev);
  const pages: [number, Uint8Array][] = [];
  const add = (): [number, DataView] => {
    const bytes = new Uint8Array(PAGE_SIZE);
    const address = at + PAGE_SIZE * pages.length;
    pages.push([address, bytes]);
    return [address, new DataView(bytes.buffer)];
  };
  const [, root] = add();
  const [pdptAt, pdpt] = add();
  root.setBigUint64(levelIndex(GUEST_BASE, 4) * 8, makeEntry(pdptAt, TABLE_BITS, sev, format), true);
  for (let gib = 0; gib * HUGE_PAGE_SIZE < memory; gib++) {
    const [pdAt, pd] = add();
    pdpt.setBigUint64((levelIndex(GUEST_BASE, 3) + gib) * 8, makeEntry(pdAt, TABLE_BITS, sev, format), true);
    for (let i = 0; i < 512 && gib * HUGE_PAGE_SIZE + i * LARGE_PAGE_SIZE < memory; i++) {
      const base = gib * HUGE_PAGE_SIZE + i * LARGE_PAGE_SIZE;
      if (memory > SMALL) {
        pd.setBigUint64(i * 8, makeEntry(base, LEAF_BITS | ENTRY.large, sev, format), true);
        continue;
      }
      const [ptAt, pt] = add();
      pd.setBigUint64(i * 8, makeEntry(ptAt, TABLE_BITS, sev, format), true);
      for (let j = 0; j < 512 && base + j * PAGE_SIZE < memory; j++) {
        pt.setBigUint64(j * 8, makeEntry(base + j * PAGE_SIZE, LEAF_BITS, sev, format), true);
      }
    }
  }
  return pages;
}
