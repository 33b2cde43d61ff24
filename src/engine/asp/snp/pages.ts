import type { Platform } from '../../core/platform';
import type { RmpEntry } from '../../rmp/entry';
import { pageState } from '../../rmp/pageState';
import { headOf, readEntry, writeEntry } from '../../rmp/table';
import type { PageState } from '../../rmp/types';
import { type RawAddress, withoutC } from '../memory';
import { platformOf } from '../platform';
import type { StatusName } from '../status';
import { tableRanges } from './tableRanges';

/** What the RMP says of a page: its state, and its entry where it has one. */
export interface FoundPage {
  readonly state: PageState;
  readonly entry: RmpEntry | null;
}

/** SPA of an address that software passed. Beyond 2^53 it is not exact, and far beyond every table. */
export const spaOf = (p: Platform, raw: RawAddress): number => Number(withoutC(p, raw));

/** Does an address lie inside the table itself? The firmware answers INVALID_PARAM to that, whatever is asked. */
export function inTable(p: Platform, raw: RawAddress): boolean {
  const spa = spaOf(p, raw);
  return tableRanges(p).some(({ start, end }) => spa >= start && spa < end);
}

/**
 * A page as the firmware looks it up: by its own entry of 4 KiB, so that a piece of a large page reads as Reclaim; without an
 * entry it is Default (AMD-ASPFW sev_rmp.c: rmp_get_addr_entry_state).
 */
export function findPage(p: Platform, raw: RawAddress): FoundPage {
  const entry = readEntry(p, spaOf(p, raw));
  return { state: pageState(entry), entry };
}

/**
 * The same for the commands that work on 4 KiB of any page: a piece of a large page is judged by the entry of the whole
 * (AMD-ASPFW snp_mcmd_dbg_decrypt).
 */
export function findWhole(p: Platform, raw: RawAddress): FoundPage {
  const own = findPage(p, raw);
  if (!own.entry || own.entry.large || own.entry.asid !== 0) return own;
  const head = readEntry(p, headOf(spaOf(p, raw)));
  return head?.large ? { state: pageState(head), entry: head } : own;
}

/** Writes a page’s entry. Only firmware that has looked it up does so. @throws Error for a page without one: a bug of ours. */
export function setPage(p: Platform, raw: RawAddress, fields: Partial<RmpEntry>): void {
  const { entry } = findPage(p, raw);
  if (!entry) throw new Error('a page beyond the RMP cannot change its state');
  writeEntry(p, spaOf(p, raw), { ...entry, ...fields });
}

/** What lets x86 software have the page again: no longer immutable, and not locked. */
export const MUTABLE = { immutable: false, lock: false } as const satisfies Partial<RmpEntry>;

/**
 * A page that the firmware has written goes back towards the host without being asked for: no longer immutable, whatever it
 * was. Once the RMP is written, that is so also while SNP is shut down (AMD-ASPFW sev_dispatch.c, sev_rmp.c:
 * snp_reclaim_buffer). Answers whether that changed it.
 */
export function reclaimPage(p: Platform, raw: RawAddress): boolean {
  if (!platformOf(p).rmpInitialised || inTable(p, raw)) return false;
  const { entry } = findPage(p, raw);
  if (!entry?.immutable && !entry?.lock) return false;
  setPage(p, raw, MUTABLE);
  return true;
}

const SMALL = 0x1000;
const LARGE = 0x200000;

/**
 * Why the firmware does not write to a range, or null: each page has to be Firmware or Default. It steps by the size of each
 * page from where the range begins, not from a page’s boundary, and looks at the first page also when there is nothing to
 * write (AMD-ASPFW sev_rmp.c: check_page_range_firmware_writable).
 */
export function writableStatus(p: Platform, raw: RawAddress, length: number): StatusName | null {
  let at = raw;
  let rest = length;
  do {
    if (inTable(p, at)) return 'INVALID_PARAM';
    const { state, entry } = findPage(p, at);
    if (state !== 'Firmware' && state !== 'Default') return 'INVALID_PAGE_STATE';
    const step = entry?.large ? LARGE : SMALL;
    at += BigInt(step);
    rest -= step;
  } while (rest > 0);
  return null;
}
