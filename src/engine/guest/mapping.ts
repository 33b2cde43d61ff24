import { GUEST_BASE, LARGE_PAGE_SIZE, PAGE_SIZE } from '../core/address';
import { readU64, u64 } from '../core/bytes';
import type { DomainCell } from '../core/cells';
import { DONE, type Outcome, ok, type Rule, refuse } from '../core/fault';
import type { Platform } from '../core/platform';
import { lookThrough } from '../cpu/access';
import { guestFormat } from '../cpu/mode';
import { invlpg } from '../cpu/tlb';
import { ENTRY, isLeaf, LEAF_BITS, levelIndex, levelSpan, makeEntry, TABLE_BITS } from '../memory/pageTable';
import { frameAt } from '../xen/frames';
import { guestAccess } from './kernelAccess';
import { coreOf } from './memory';
import { takePages } from './pages';

const NOT_MAPPED: Rule = {
  id: 'guest.not-mapped',
  says: 'A guest can change the mapping only of addresses that its tables map.',
  source: 'Linux arch/x86/mm/pat/set_memory.c (lookup_address)',
  standing: 'published',
};

/** An entry of the guest's own tables, as its kernel sees it through its direct map. */
interface Slot {
  /** GVA of the entry. */
  readonly at: number;
  readonly raw: bigint;
  readonly level: number;
}

/** Where the kernel finds its own memory: in its direct map, or at its physical address while paging is off. */
const directBase = (p: Platform, core: number): number =>
  p.state.need('core', core).guestPaging ? GUEST_BASE : 0;

/** The entry at `level` for a GVA, or the leaf or hole above it where the walk ends before, as a core in the guest finds it. */
function slotFor(
  p: Platform,
  domain: DomainCell,
  virtual: number,
  level: number,
  core = domain.core,
  root = p.state.need('guest', domain.id).root,
): Outcome<Slot> {
  const { addressMask } = guestFormat(p, domain.sev);
  let table = root;
  for (let at = 4; ; at--) {
    const entry = directBase(p, core) + table + levelIndex(virtual, at) * 8;
    const seen = lookThrough(p, core, entry, 8);
    if (!seen.ok) return seen;
    const raw = readU64(seen.bytes, 0);
    if (at === level || isLeaf(raw, at) || (raw & ENTRY.present) === 0n)
      return ok({ at: entry, raw, level: at });
    table = Number(raw & addressMask);
  }
}

/** Does the kernel map a GVA as private, so that nobody else can mean to answer there? A core in the guest looks. */
export function isPrivate(p: Platform, domain: DomainCell, virtual: number, core: number): Outcome<boolean> {
  if (!domain.sev || !p.state.need('core', core).guestPaging) return ok(domain.sev);
  const found = slotFor(p, domain, virtual, 1, core);
  return found.ok ? ok((found.value.raw & guestFormat(p, true).cMask) !== 0n) : found;
}

const write = (p: Platform, domain: DomainCell, at: number, bytes: Uint8Array): Outcome<Uint8Array> =>
  guestAccess(p, domain, 'write', at, bytes.length, bytes, bytes.length === PAGE_SIZE);

/** Sets or clears the C-bit of the page at a GVA. */
export function setGuestC(p: Platform, domain: DomainCell, virtual: number, c: boolean): Outcome<null> {
  const { cMask } = guestFormat(p, domain.sev);
  return changeLeaf(p, domain, virtual, (raw) => (c ? raw | cMask : raw & ~cMask));
}

/** Sets another bit in the place of the C-bit of the page at a GVA. */
export function setOtherBit(p: Platform, domain: DomainCell, virtual: number, bit: number): Outcome<null> {
  const { cMask } = guestFormat(p, domain.sev);
  return changeLeaf(p, domain, virtual, (raw) => (raw & ~cMask) | (1n << BigInt(bit)));
}

/**
 * Changes the entry of the page at a GVA, as the guest's kernel does: it reads and writes its own tables through its direct
 * map. A 2 MiB page is split first. Drops the translations of the page on every core that runs the guest.
 */
function changeLeaf(
  p: Platform,
  domain: DomainCell,
  virtual: number,
  change: (raw: bigint) => bigint,
): Outcome<null> {
  const found = slotFor(p, domain, virtual, 1);
  if (!found.ok) return found;
  const { at, raw, level } = found.value;
  if ((raw & ENTRY.present) === 0n) {
    return refuse(
      NOT_MAPPED,
      'refused',
      `${domain.name} maps nothing at 0x${virtual.toString(16)}.`,
      { address: virtual, level },
      `An address from 0x${GUEST_BASE.toString(16)} on, within the guest’s memory.`,
    );
  }
  if (level > 1) {
    const split = splitLarge(p, domain, found.value);
    return split.ok ? changeLeaf(p, domain, virtual, change) : split;
  }
  const written = write(p, domain, at, u64(change(raw)));
  if (!written.ok) return written;
  const { asid } = p.state.need('core', domain.core);
  for (const vcpu of domain.vmcbs.keys()) invlpg(p, coreOf(p, { domain, vcpu }), asid, virtual);
  return DONE;
}

/** Replaces a large entry by a table of smaller pages with the same bits. */
function splitLarge(p: Platform, domain: DomainCell, { at, raw, level }: Slot): Outcome<null> {
  const format = guestFormat(p, domain.sev);
  const base = Number(raw & format.addressMask);
  return linkTable(p, domain, at, leaves(p, domain, level - 1, base, 512, (raw & format.cMask) !== 0n));
}

/** Entries for `count` pages of a level from a GPA on, as the bytes of a whole table. */
function leaves(
  p: Platform,
  domain: DomainCell,
  level: number,
  base: number,
  count: number,
  c: boolean,
): Uint8Array {
  const format = guestFormat(p, domain.sev);
  const bytes = new Uint8Array(PAGE_SIZE);
  const view = new DataView(bytes.buffer);
  const bits = level === 1 ? LEAF_BITS : LEAF_BITS | ENTRY.large;
  for (let i = 0; i < count; i++) {
    view.setBigUint64(i * 8, makeEntry(base + i * levelSpan(level), bits, c, format), true);
  }
  return bytes;
}

/** Puts a new table into a fresh page of the guest. Answers with its GPA. */
function newTable(p: Platform, domain: DomainCell, bytes: Uint8Array): Outcome<number> {
  const page = takePages(p, domain, 'a page table', PAGE_SIZE);
  if (!page.ok) return page;
  const gpa = page.value - GUEST_BASE;
  const frame = frameAt(p.state.need('domain', domain.id).frames, gpa / PAGE_SIZE);
  if (frame !== null) p.trace.page(frame, { structure: true });
  const written = write(p, domain, page.value, bytes);
  if (!written.ok) return written;
  const os = p.state.need('guest', domain.id);
  p.trace.patch('guest', domain.id, { tablePages: [...os.tablePages, gpa / PAGE_SIZE] });
  return ok(gpa);
}

/** The same, and points an entry at it. */
function linkTable(p: Platform, domain: DomainCell, at: number, bytes: Uint8Array): Outcome<null> {
  const table = newTable(p, domain, bytes);
  if (!table.ok) return table;
  const linked = write(
    p,
    domain,
    at,
    u64(makeEntry(table.value, TABLE_BITS, domain.sev, guestFormat(p, domain.sev))),
  );
  return linked.ok ? DONE : linked;
}

/**
 * Extends the direct map over memory that came to the guest while it runs: 4 KiB pages up to the next 2 MiB boundary, 2 MiB
 * pages from there on. `to` lies on such a boundary.
 */
export function mapMore(p: Platform, domain: DomainCell, from: number, to: number): Outcome<null> {
  for (let at = from; at < to; ) {
    const small = at % LARGE_PAGE_SIZE !== 0;
    const found = slotFor(p, domain, GUEST_BASE + at, small ? 1 : 2);
    if (!found.ok) return found;
    const { level, raw } = found.value;
    if (small && level === 2 && isLeaf(raw, 2)) {
      at += LARGE_PAGE_SIZE - (at % LARGE_PAGE_SIZE);
      continue;
    }
    if (level > (small ? 1 : 2)) {
      const linked = linkTable(p, domain, found.value.at, new Uint8Array(PAGE_SIZE));
      if (!linked.ok) return linked;
      continue;
    }
    const span = levelSpan(level);
    const index = levelIndex(GUEST_BASE + at, level);
    const end = small ? Math.min(to, at - (at % LARGE_PAGE_SIZE) + LARGE_PAGE_SIZE) : to;
    const count = Math.min(512 - index, (end - at) / span);
    const entries = leaves(p, domain, level, at, count, domain.sev).subarray(0, count * 8);
    const written = write(p, domain, found.value.at, entries);
    if (!written.ok) return written;
    at += count * span;
  }
  return DONE;
}

/** The root of another address space, in a fresh page: the kernel’s entries, and none of its own. Answers with its GPA. */
export function newRoot(p: Platform, domain: DomainCell): Outcome<number> {
  const kernels = guestAccess(
    p,
    domain,
    'read',
    GUEST_BASE + p.state.need('guest', domain.id).root,
    PAGE_SIZE,
  );
  return kernels.ok ? newTable(p, domain, kernels.value) : kernels;
}

/**
 * Maps a page of the kernel’s direct map at a GVA of another address space, where nothing is mapped yet, with the tables that
 * this needs. Answers with the page’s GPA.
 */
export function mapPage(
  p: Platform,
  domain: DomainCell,
  root: number,
  virtual: number,
  own: number,
): Outcome<number> {
  const found = slotFor(p, domain, virtual, 1, domain.core, root);
  if (!found.ok) return found;
  const { at, level } = found.value;
  if (level > 1) {
    const linked = linkTable(p, domain, at, new Uint8Array(PAGE_SIZE));
    return linked.ok ? mapPage(p, domain, root, virtual, own) : linked;
  }
  const c = isPrivate(p, domain, own, domain.core);
  if (!c.ok) return c;
  const gpa = own - GUEST_BASE;
  const entry = makeEntry(gpa, LEAF_BITS, c.value, guestFormat(p, domain.sev));
  const written = write(p, domain, at, u64(entry));
  return written.ok ? ok(gpa) : written;
}

/** Maps a page of a device at its place in the direct map, with C = 0: what lies there is nobody’s memory. */
export function mapDevice(p: Platform, domain: DomainCell, gpa: number): Outcome<number> {
  const virtual = GUEST_BASE + gpa;
  const found = slotFor(p, domain, virtual, 1);
  if (!found.ok) return found;
  const { at, raw, level } = found.value;
  if ((raw & ENTRY.present) !== 0n) return ok(virtual);
  if (level > 1) {
    const linked = linkTable(p, domain, at, new Uint8Array(PAGE_SIZE));
    return linked.ok ? mapDevice(p, domain, gpa) : linked;
  }
  const entry = makeEntry(gpa, LEAF_BITS, false, guestFormat(p, domain.sev));
  const written = write(p, domain, at, u64(entry));
  return written.ok ? ok(virtual) : written;
}
