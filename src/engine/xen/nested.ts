import { PAGE_SIZE } from '../core/address';
import type { DomainCell } from '../core/cells';
import { DONE, type Outcome } from '../core/fault';
import type { Platform } from '../core/platform';
import { hostFormat } from '../cpu/mode';
import { flushAll } from '../cpu/tlb';
import { walkNested } from '../cpu/walk';
import { ADDRESS_BITS, ENTRY, isStop, LEAF_BITS, makeEntry } from '../memory/pageTable';
import { flushDomainAsid } from './asid';
import { takenSince } from './frames';
import { type Edited, editLeaf, tablesEncrypted } from './tables';

/** Replaces a nested leaf of a guest; tables that this takes belong to the guest from then on. */
function editNested(p: Platform, id: number, gpa: number, change: (raw: bigint) => bigint): Outcome<Edited> {
  const { heap } = p.state.need('xen');
  const { nestedRoot, tableFrames } = p.state.need('domain', id);
  const edited = editLeaf(p, nestedRoot, gpa, change);
  const taken = takenSince(p, heap);
  if (taken.length > 0) p.trace.patch('domain', id, { tableFrames: [...tableFrames, ...taken] });
  return edited;
}

/** nCR3 of a domain as its VMCBs get it: the root of its nested tables, with the C-bit where those are encrypted. */
export const nestedCr3 = (p: Platform, { nestedRoot }: DomainCell): number =>
  Number(makeEntry(nestedRoot, 0n, tablesEncrypted(p), hostFormat(p)));

/** The flush that a change of the p2m owes: at once on every core, and in the allocators’ books. */
export function flushNested(p: Platform, { id }: Pick<DomainCell, 'id'>): void {
  flushDomainAsid(p, id);
  for (let core = 0; core < p.state.tlbs.length; core++) flushAll(p, core);
}

/**
 * Points a guest page at another frame, as a hypervisor may, with or without the flush that it owes the guest. The entry
 * gets the address as it is given: bits that this machine reserves make the walk fail. An entry that is not present makes the
 * next access of the guest end in the hypervisor.
 */
export function remap(
  p: Platform,
  { id }: DomainCell,
  gpa: number,
  spa: number,
  flush: boolean,
  present = true,
): Outcome<Edited> {
  const { cMask } = hostFormat(p);
  const frame = BigInt(spa - (spa % PAGE_SIZE));
  const edited = editNested(p, id, gpa, (raw) => {
    const flags = (raw & ENTRY.present) === 0n ? LEAF_BITS : raw & ~ADDRESS_BITS;
    const entry = flags | (raw & cMask) | frame;
    return present ? entry : entry & ~ENTRY.present;
  });
  if (edited.ok && flush) flushNested(p, { id });
  return edited;
}

/** Sets or clears the C-bit of a guest's pages in their nested entries. */
export function setNestedC(
  p: Platform,
  { id }: DomainCell,
  gpa: number,
  pages: number,
  c: boolean,
  flush: boolean,
): Outcome<null> {
  const { cMask } = hostFormat(p);
  for (let page = 0; page < pages; page++) {
    const edited = editNested(p, id, gpa + page * PAGE_SIZE, (raw) => (c ? raw | cMask : raw & ~cMask));
    if (!edited.ok) return edited;
  }
  if (flush) flushNested(p, { id });
  return DONE;
}

/** Lets the page at a GPA, which has a frame, be used or not; the flush that taking it away owes is the caller’s. */
export const setNestedPresent = (
  p: Platform,
  { id }: DomainCell,
  gpa: number,
  present: boolean,
): Outcome<Edited> => editNested(p, id, gpa, (raw) => (present ? raw | ENTRY.present : raw & ~ENTRY.present));

/** Maps the page at a GPA with 4 KiB, as it was mapped before. */
export function splitNested(p: Platform, { id }: DomainCell, gpa: number): Outcome<Edited> {
  const edited = editNested(p, id, gpa, (raw) => raw);
  if (edited.ok) flushNested(p, { id });
  return edited;
}

/** Xen itself runs on the first core. */
const CORE = 0;

/** SPA behind a guest physical address, as Xen finds it in the p2m; null where nothing is mapped. */
export const frameBehind = (p: Platform, domain: DomainCell, gpa: number): number | null =>
  leafBehind(p, domain, gpa)?.address ?? null;

/** Bytes that the p2m maps there with one entry; 0 where nothing is mapped. */
export const nestedSize = (p: Platform, domain: DomainCell, gpa: number): number =>
  leafBehind(p, domain, gpa)?.size ?? 0;

function leafBehind(
  p: Platform,
  domain: DomainCell,
  gpa: number,
): { readonly address: number; readonly size: number } | null {
  const view = {
    ...p.state.need('core', CORE),
    domain: domain.id,
    sev: false,
    asid: domain.asid,
    nestedCr3: domain.nestedRoot,
    nestedCr3C: tablesEncrypted(p),
  };
  const end = walkNested(p, view, gpa, []);
  return isStop(end) ? null : end;
}

/** Puts an entry that is present and has a reserved bit where a device is emulated: a walk that reaches it fails. */
export const markReserved = (p: Platform, { id }: DomainCell, gpa: number, bit: bigint): Outcome<Edited> =>
  editNested(p, id, gpa, () => LEAF_BITS | bit);
