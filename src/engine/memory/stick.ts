import { PAGE_SIZE, pfnOf, spa } from '../core/address';
import { hasFix } from '../core/config';
import type { Rule } from '../core/fault';
import type { PageMeta } from '../core/page';
import type { Platform } from '../core/platform';
import { memoryMap, pageCount } from './regions';

/**
 * The sticks: which cell answers at an address. A stick whose SPD claims one row bit more than it has, or an interposer that
 * holds an address line low, lets two addresses reach one cell. Caches, keys and the RMP go by the address.
 */
export const STICK_RULES = {
  dead: {
    id: 'stick.dead-line',
    says: 'Where an address bit reaches no cell, two addresses share one: what is stored at the one is found at the other, while caches, keys, tweaks and the RMP know the addresses only.',
    source:
      'De Meulemeester et al., BadRAM, IEEE S&P 2025; Battering RAM, IEEE S&P 2026; one bit, and no scrambling, are modelled',
    standing: 'published',
  },
  spd: {
    id: 'stick.spd',
    says: 'How much memory there is the firmware learns at power-on from a small chip on the stick, the SPD, which can be written.',
    source: 'JEDEC Annex L (DDR4 SPD); BadRAM, IEEE S&P 2025, §4',
    standing: 'published',
  },
  probe: {
    id: 'stick.alias-check',
    says: 'The boot firmware stores at an address and looks whether another one shows it; what it finds holds until the next power-on.',
    source: 'AMD-SB-3015; how it probes is not published (modelled), and its stores are not shown',
    standing: 'modelled',
  },
} as const satisfies Record<string, Rule>;

/** Bytes into the cells behind an address. Nobody changes `bytes` any more. */
export function storeBytes(p: Platform, address: number, bytes: Uint8Array): void {
  const { dram } = p.state;
  for (let done = 0; done < bytes.length; ) {
    const at = address + done;
    const take = dram.dead === 0 ? bytes.length : Math.min(bytes.length - done, dram.dead - (at % dram.dead));
    const after = take === bytes.length ? bytes : bytes.slice(done, done + take);
    p.trace.emit({ store: 'dram', address: spa(dram.cellOf(at)), before: dram.read(at, take), after });
    done += take;
  }
}

/** Notes what is known of the pages of a range, at each of the addresses of their cells. */
export function markPages(p: Platform, address: number, length: number, fields: Partial<PageMeta>): void {
  const { dead } = p.state.dram;
  for (let page = pfnOf(address); page <= pfnOf(address + length - 1); page++) {
    p.trace.page(page, fields);
    const twin = dead === 0 ? null : twinOf(p, page * PAGE_SIZE);
    if (twin !== null && pfnOf(twin) < pageCount(p.config)) p.trace.page(pfnOf(twin), fields);
  }
}

/** The other address of the cell behind an address; null: it has none. */
export function twinOf({ state: { dram } }: Platform, address: number): number | null {
  if (dram.dead === 0) return null;
  return dram.cellOf(address) === address ? address + dram.dead : address - dram.dead;
}

/** Do two addresses of DRAM share a cell? */
function hasTwins(p: Platform): boolean {
  const { dead } = p.state.dram;
  if (dead === 0) return false;
  const ranges = memoryMap(p.config).filter(({ kind }) => kind !== 'mmio');
  const holds = (address: number) =>
    ranges.some(({ base, size }) => address >= base && address < base + size);
  return ranges.some(({ base, size }) => {
    for (let at = base - (base % dead); at < base + size; at += dead) {
      const first = Math.max(at, base);
      if (holds(first) && holds(twinOf(p, first) ?? -1)) return true;
    }
    return false;
  });
}

/** Power-on: the sticks say how large they are, and firmware that knows better probes them. */
export function readSpd(p: Platform): void {
  const cell = p.state.cell('stick');
  const probes = hasFix(p.config, 'alias-check');
  if (!cell && !probes) return;
  const dead = cell?.next ?? cell?.dead ?? 0;
  p.trace.set('stick', 0, { dead, next: null });
  if (dead !== 0) p.trace.fact('note', { what: 'memory as the sticks claim it', dead }, STICK_RULES.spd);
  if (!probes) return;
  const aliased = hasTwins(p);
  p.trace.fact('check', { what: 'addresses that share a cell', aliased }, STICK_RULES.probe);
  p.trace.patch('stick', 0, { aliased });
}
