import type { Platform } from '../core/platform';

/** Drops the entries of a core for which `which` holds; answers how many. */
function drop(
  p: Platform,
  core: number,
  which: (asid: number, page: number, size: number) => boolean,
): number {
  let count = 0;
  const byAge = [...(p.state.tlbs[core] ?? [])].sort(([, a], [, b]) => a.born - b.born);
  for (const [slot, entry] of byAge) {
    if (!which(entry.asid, entry.page, entry.size)) continue;
    p.trace.emit({ store: 'tlb', core, slot, before: entry, after: null });
    count++;
  }
  return count;
}

/** INVLPG / INVLPGA: the entries of one ASID that cover an address (APM vol. 3). */
export const invlpg = (p: Platform, core: number, asid: number, address: number): number =>
  drop(p, core, (tag, page, size) => tag === asid && address >= page && address < page + size);

/** A write to CR3, or VMCB TLB_CONTROL 3 and 7: everything of one ASID on this core. */
export const flushAsid = (p: Platform, core: number, asid: number): number =>
  drop(p, core, (tag) => tag === asid);

/** VMCB TLB_CONTROL 1: everything on this core. */
export const flushAll = (p: Platform, core: number): number => drop(p, core, () => true);
