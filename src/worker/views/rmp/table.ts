import { PAGE_SIZE } from '../../../engine/core/address';
import { toHex } from '../../../engine/core/bytes';
import type { Platform } from '../../../engine/core/platform';
import { EMPTY, ENTRY_BYTES, RMP_FIELDS, unpackEntry } from '../../../engine/rmp/entry';
import { pageState } from '../../../engine/rmp/pageState';
import { permissionsOf } from '../../../engine/rmp/permissions';
import { BOOKKEEPING_BYTES } from '../../../engine/rmp/place';
import { readSegments } from '../../../engine/rmp/segmentTable';
import { loadTable } from '../../../engine/rmp/store';
import { authoritative, entryPlace, headOf, snpEnabled } from '../../../engine/rmp/table';
import { livingDomains } from '../../../engine/xen/domains';
import type { RmpEntryView, RmpFieldView, RmpRowView, RmpView } from '../../rmpProtocol';

/** Most rows that are told at a time. */
const MOST_ROWS = 512;
const VMPLS = [0, 1, 2, 3];

/** Where the table lies, or null while SNP is not enabled on the cores. */
export function rmpView(p: Platform): RmpView | null {
  const cell = p.state.cell('rmp');
  if (!cell || !snpEnabled(p)) return null;
  const { base, end, segmentBits } = cell;
  const segments =
    segmentBits === null
      ? []
      : readSegments(p, cell)
          .map((segment, index) => ({ ...segment, index, from: index * 2 ** segmentBits }))
          .filter(({ covered }) => covered > 0)
          .map(({ index, from, covered, base: first }) => ({ index, from, covered, base: first }));
  return {
    base,
    end,
    bookkeeping: BOOKKEEPING_BYTES,
    pages: p.config.memory / PAGE_SIZE,
    segmentBits,
    segments,
  };
}

/** The guest that runs under an ASID now. */
export const guestOfAsid = (p: Platform, asid: number): string | null =>
  asid === 0 ? null : (livingDomains(p).find((domain) => domain.asid === asid)?.name ?? null);

/** Some pages by their entries, from page `first` on. */
export function rmpRows(p: Platform, first: number, count: number): RmpRowView[] {
  const last = Math.min(first + Math.min(count, MOST_ROWS), p.config.memory / PAGE_SIZE);
  return Array.from({ length: Math.max(0, last - first) }, (_, i) => rowOfPage(p, first + i));
}

function rowOfPage(p: Platform, pfn: number): RmpRowView {
  const spa = pfn * PAGE_SIZE;
  const at = entryPlace(p, spa);
  const bytes = at === null ? new Uint8Array(ENTRY_BYTES) : loadTable(p, at, ENTRY_BYTES);
  const entry = at === null ? EMPTY : unpackEntry(bytes);
  const { assigned, asid, gpa, large, validated, immutable, vmsa } = entry;
  const head = headOf(spa);
  const speaking = head === spa ? null : authoritative(p, spa);
  return {
    pfn,
    at,
    state: pageState(at === null ? null : entry),
    bytes: toHex(bytes),
    guest: guestOfAsid(p, asid),
    asid,
    gpa,
    assigned,
    large,
    validated,
    immutable,
    vmsa,
    permissions: VMPLS.map((vmpl) => permissionsOf(entry, vmpl)),
    head: speaking?.large ? head / PAGE_SIZE : null,
  };
}

/** The entry of one page with all its bit fields. */
export function rmpEntryView(p: Platform, pfn: number): RmpEntryView {
  const row = rowOfPage(p, pfn);
  const word = BigInt(`0x${row.bytes.match(/../g)?.reverse().join('') ?? '0'}`);
  const fields = Object.entries(RMP_FIELDS).map(
    ([name, { lsb, width, help }]): RmpFieldView => ({
      name,
      lsb,
      width,
      help,
      value: ((word >> BigInt(lsb)) & (2n ** BigInt(width) - 1n)).toString(16),
    }),
  );
  return { row, fields };
}
