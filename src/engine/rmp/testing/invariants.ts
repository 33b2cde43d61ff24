import { LARGE_PAGE_SIZE, PAGE_SIZE } from '../../core/address';
import type { Platform } from '../../core/platform';
import { pagesOfAsid } from '../counters';
import type { RmpEntry } from '../entry';
import { ALL_PERMISSIONS, permissionsOf } from '../permissions';
import { entryPlace, regionEntries } from '../table';

/**
 * What holds of a table whatever was done to it (cpu-and-rmp.md E.9), as sentences of what does not.
 * @param firmwareWrote somebody wrote entries that no instruction makes: only the books are looked at
 */
export function* brokenTable(
  p: Platform,
  { firmwareWrote = false }: { readonly firmwareWrote?: boolean } = {},
): Generator<string> {
  const owned = new Map<number, number>();
  for (let head = 0; entryPlace(p, head) !== null && head < p.config.memory; head += LARGE_PAGE_SIZE) {
    const entries = regionEntries(p, head);
    yield* brokenRegion(head, entries);
    for (const [i, entry] of entries.entries()) {
      if (entry.asid !== 0) owned.set(entry.asid, (owned.get(entry.asid) ?? 0) + 1);
      const placeholder = i > 0 && entries[0]?.large;
      if (!firmwareWrote && !placeholder) yield* brokenEntry(head + i * PAGE_SIZE, entry);
    }
  }
  for (let asid = 1; asid < 2 ** 10; asid++)
    if (pagesOfAsid(p, asid) !== (owned.get(asid) ?? 0))
      yield `ASID ${asid} has ${owned.get(asid) ?? 0} entries, and ${pagesOfAsid(p, asid)} counted`;
}

function* brokenRegion(head: number, entries: readonly RmpEntry[]): Generator<string> {
  const [first, ...others] = entries;
  const assigned = others.filter((entry) => entry.assigned).length;
  const where = `the 2 MiB at 0x${head.toString(16)}`;
  if (!first) return;
  if (first.subPageCount !== (first.large ? 0 : assigned))
    yield `${where} count ${first.subPageCount} of ${assigned} assigned pages`;
  if (first.large && assigned !== others.length) yield `${where} are one page with an unassigned piece`;
  if (others.some((entry) => entry.large || entry.subPageCount !== 0))
    yield `${where} hold the fields of a first entry in another`;
}

function* brokenEntry(spa: number, entry: RmpEntry): Generator<string> {
  const { assigned, asid, validated } = entry;
  const where = `the entry of 0x${spa.toString(16)}`;
  if (validated && !(assigned && asid !== 0)) yield `${where} is validated and belongs to no guest`;
  if (asid !== 0 && !assigned) yield `${where} has an ASID and is not assigned`;
  if (asid !== 0 && permissionsOf(entry, 0) !== ALL_PERMISSIONS) yield `${where} denies something to VMPL0`;
}
