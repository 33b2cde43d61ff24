import { GUEST_BASE, HUGE_PAGE_SIZE, LARGE_PAGE_SIZE, PAGE_SIZE } from '../core/address';
import { readU64, u64 } from '../core/bytes';
import type { DomainCell } from '../core/cells';
import { type Outcome, ok, type Rule, refuse } from '../core/fault';
import type { Platform } from '../core/platform';
import { lookThrough } from '../cpu/access';
import { invlpg } from '../cpu/tlb';
import { guestFormat } from '../cpu/translate';
import { ENTRY, isLeaf, LEAF_BITS, levelIndex, levelSpan, makeEntry, TABLE_BITS } from '../memory/pageTable';
import { guestAccess } from './memory';

/** Above this much memory a guest maps itself with 2 MiB pages, below with 4 KiB pages. */
const SMALL = 64 * 1024 * 1024;

const NOT_MAPPED: Rule = {
  id: 'guest.not-mapped',
  says: 'A guest can change the mapping only of addresses that its tables map.',
  source: 'Linux arch/x86/mm/pat/set_memory.c (lookup_address)',
  standing: 'published',
};

/** The page tables of a guest of this size as `[GPA, bytes]`, from the root at 0x1000 on: a direct map at `GUEST_BASE`. */
export function directMap(p: Platform, memory: number, sev: boolean): [number, Uint8Array][] {
  const format = guestFormat(p, sev);
  const pages: [number, Uint8Array][] = [];
  const add = (): [number, DataView] => {
    const bytes = new Uint8Array(PAGE_SIZE);
    const address = PAGE_SIZE * (1 + pages.length);
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

/**
 * Sets or clears the C-bit of the page at a GVA, as the guest's kernel does: it reads and writes its own tables through
 * its direct map. A 2 MiB page is split first. Drops the core's translation of the page.
 */
export function setGuestC(p: Platform, domain: DomainCell, virtual: number, c: boolean): Outcome<null> {
  const os = p.state.need('guest', domain.id);
  const format = guestFormat(p, domain.sev);
  let table = os.root;
  for (let level = 4; level >= 1; level--) {
    const at = GUEST_BASE + table + levelIndex(virtual, level) * 8;
    const seen = lookThrough(p, domain.core, at, 8);
    if (!seen.ok) return seen;
    const raw = readU64(seen.bytes, 0);
    if ((raw & ENTRY.present) === 0n) {
      return refuse(
        NOT_MAPPED,
        'refused',
        `${domain.name} maps nothing at 0x${virtual.toString(16)}.`,
        { address: virtual, level },
        `An address from 0x${GUEST_BASE.toString(16)} on, within the guest’s memory.`,
      );
    }
    const target = Number(raw & format.addressMask);
    if (!isLeaf(raw, level)) {
      table = target;
      continue;
    }
    if (level === 1) {
      const after = c ? raw | format.cMask : raw & ~format.cMask;
      const written = guestAccess(p, domain, 'write', at, 8, u64(after));
      if (!written.ok) return written;
      invlpg(p, domain.core, p.state.need('core', domain.core).asid, virtual);
      return ok(null);
    }
    const split = splitLarge(p, domain, at, raw, level);
    if (!split.ok) return split;
    table = split.value;
  }
  return ok(null);
}

/** Replaces a 2 MiB entry by a table of 4 KiB entries with the same bits. Answers with the table's GPA. */
function splitLarge(
  p: Platform,
  domain: DomainCell,
  at: number,
  raw: bigint,
  level: number,
): Outcome<number> {
  const os = p.state.need('guest', domain.id);
  const format = guestFormat(p, domain.sev);
  const table = os.nextTable;
  const bytes = new Uint8Array(PAGE_SIZE);
  const view = new DataView(bytes.buffer);
  const base = Number(raw & format.addressMask);
  const c = (raw & format.cMask) !== 0n;
  for (let i = 0; i < 512; i++)
    view.setBigUint64(i * 8, makeEntry(base + i * levelSpan(level - 1), LEAF_BITS, c, format), true);
  const written = guestAccess(p, domain, 'write', GUEST_BASE + table, PAGE_SIZE, bytes, true);
  if (!written.ok) return written;
  p.trace.patch('guest', domain.id, {
    nextTable: table + PAGE_SIZE,
    tablePages: [...os.tablePages, table / PAGE_SIZE],
  });
  const linked = guestAccess(
    p,
    domain,
    'write',
    at,
    8,
    u64(makeEntry(table, TABLE_BITS, domain.sev, format)),
  );
  return linked.ok ? ok(table) : linked;
}
