import { PAGE_SIZE } from '../core/address';
import { NO_KEY } from '../core/key';
import type { Platform } from '../core/platform';
import type { RmpAccess } from './access';
import { type RmpStep, rmpCheck, rowOf } from './check';
import { entryFor } from './consult';
import type { RmpEntry } from './entry';
import { EntryView } from './entryView';
import { BOOKKEEPING_BYTES, coveredBytes } from './place';
import { snpEnabled } from './table';

/** The first check that refuses an access to an SPA; null: SNP lets it through. */
export type Checker = (spa: number, access: RmpAccess) => RmpStep | null;

const EMPTY_PAGE = new DataView(new ArrayBuffer(PAGE_SIZE));
const ALLOWED: Checker = () => null;

/**
 * Checks accesses one after the other against the table as it lies in memory at that moment; where the table lies and whether
 * SNP is enabled must not change meanwhile.
 */
export function rmpChecker(p: Platform): Checker {
  const cell = p.state.cell('rmp');
  if (!snpEnabled(p)) return ALLOWED;
  if (!cell || cell.segmentBits !== null || p.cipher(NO_KEY))
    return (spa, access) => rmpCheck(entryFor(p, spa, access), access);
  return inOneTable(p, cell.base + BOOKKEEPING_BYTES, coveredBytes(cell));
}

/** Entries in a page of the table, and pages in 2 MiB, as shifts: divisions would take longer than the checks. */
const ENTRY_SHIFT = 4;
const TABLE_SHIFT = 8;
const IN_TABLE_PAGE = 0xff;
const IN_LARGE_PAGE = 0x1ff;

/** One table that nothing encrypts: its entries are read where they lie, as `entryFor` would read them. */
function inOneTable(p: Platform, first: number, covered: number): Checker {
  const { pages } = p.state.dram;
  const firstFrame = first / PAGE_SIZE;
  const found: (DataView | undefined)[] = new Array(Math.ceil(covered / PAGE_SIZE / (IN_TABLE_PAGE + 1)));
  const find = (table: number): DataView => {
    const page = pages.get(firstFrame + table);
    if (!page) return EMPTY_PAGE;
    const bytes = new DataView(page.buffer, page.byteOffset, PAGE_SIZE);
    found[table] = bytes;
    return bytes;
  };
  const [own, head] = [new EntryView(), new EntryView()];
  const show = (view: EntryView, page: number): EntryView => {
    const table = page >>> TABLE_SHIFT;
    return view.look(found[table] ?? find(table), (page & IN_TABLE_PAGE) << ENTRY_SHIFT);
  };
  const speaking = (page: number): RmpEntry => {
    if ((page & IN_LARGE_PAGE) === 0) return show(own, page);
    const of = show(head, page & ~IN_LARGE_PAGE);
    return of.assigned && of.large ? of : show(own, page);
  };
  return (spa, access) => {
    const { entry } = rowOf(access);
    if (entry === 'none') return null;
    if (spa >= covered) return rmpCheck(null, access);
    const page = Math.floor(spa / PAGE_SIZE);
    if (entry === 'authoritative') return rmpCheck(speaking(page), access);
    const coversMore = access.large && access.kind !== 'update';
    return rmpCheck(show(own, coversMore ? page & ~IN_LARGE_PAGE : page), access);
  };
}
