import { PAGE_SIZE } from '../core/address';
import { NO_KEY } from '../core/key';
import type { Platform } from '../core/platform';
import { SLAB_SIZE } from '../core/stores';
import type { RmpAccess } from './access';
import { type RmpStep, rmpCheckOn, rowCheck, rowOf } from './check';
import { entryFor } from './consult';
import type { RmpEntry } from './entry';
import { EntryView, speaksForAll } from './entryView';
import { BOOKKEEPING_BYTES, coveredBytes } from './place';
import { snpEnabled } from './table';

/** The first check that refuses an access to an SPA; null: SNP lets it through. */
export type Checker = (spa: number, access: RmpAccess) => RmpStep | null;

const EMPTY_SLAB = new Int32Array(SLAB_SIZE / 4);
const ALLOWED: Checker = () => null;

/**
 * Checks accesses one after the other against the table as it lies in memory at that moment; where the table lies and whether
 * SNP is enabled must not change meanwhile.
 */
export function rmpChecker(p: Platform): Checker {
  const cell = p.state.cell('rmp');
  if (!snpEnabled(p)) return ALLOWED;
  if (!cell || cell.segmentBits !== null || p.cipher(NO_KEY) || p.config.without !== undefined)
    return (spa, access) => rmpCheckOn(p.config, entryFor(p, spa, access), access);
  return inOneTable(p, cell.base + BOOKKEEPING_BYTES, coveredBytes(cell));
}

/** Words of an entry and of a slab of DRAM as shifts, and pages in 2 MiB: divisions would take longer than the checks. */
const ENTRY_SHIFT = 2;
const SLAB_SHIFT = Math.log2(SLAB_SIZE / 4);
const IN_SLAB = SLAB_SIZE / 4 - 1;
const IN_LARGE_PAGE = 0x1ff;

/** One table that nothing encrypts: its entries are read where they lie, as `entryFor` would read them. */
function inOneTable(p: Platform, first: number, covered: number): Checker {
  const { dram } = p.state;
  const firstWord = (first % SLAB_SIZE) / 4;
  const firstSlab = Math.floor(first / SLAB_SIZE);
  const slabs: (Int32Array | undefined)[] = [];
  const find = (number: number): Int32Array => {
    const bytes = dram.slab(firstSlab + number);
    if (!bytes) return EMPTY_SLAB;
    const words = new Int32Array(bytes);
    slabs[number] = words;
    return words;
  };
  const view = new EntryView();
  const show = (page: number): RmpEntry => {
    const at = firstWord + (page << ENTRY_SHIFT);
    return view.look(slabs[at >>> SLAB_SHIFT] ?? find(at >>> SLAB_SHIFT), at & IN_SLAB);
  };
  const speaking = (page: number): RmpEntry => {
    const head = page & ~IN_LARGE_PAGE;
    const at = firstWord + (head << ENTRY_SHIFT);
    const words = slabs[at >>> SLAB_SHIFT] ?? find(at >>> SLAB_SHIFT);
    return show(speaksForAll(words, at & IN_SLAB) ? head : page);
  };
  return (spa, access) => {
    const row = rowOf(access);
    if (row.entry === 'none') return null;
    if (spa >= covered) return rowCheck(row, null, access);
    const page = Math.floor(spa / PAGE_SIZE);
    if (row.entry === 'authoritative') return rowCheck(row, speaking(page), access);
    const coversMore = access.large && access.kind !== 'update';
    return rowCheck(row, show(coversMore ? page & ~IN_LARGE_PAGE : page), access);
  };
}
