import type { WalkEntryView } from '../../../worker/protocol';

/** A level of the first table with the nested walk that found its entry; the last nested walk finds the data itself. */
export interface WalkGroup {
  readonly entry: WalkEntryView | null;
  readonly nested: readonly WalkEntryView[];
}

/** Entries in the order in which they were read, as the levels that the reader thinks in. */
export function walkGroups(entries: readonly WalkEntryView[]): WalkGroup[] {
  const groups: WalkGroup[] = [];
  let nested: WalkEntryView[] = [];
  for (const entry of entries) {
    if (entry.table === 'nested') {
      nested.push(entry);
      continue;
    }
    groups.push({ entry, nested });
    nested = [];
  }
  if (nested.length > 0) groups.push({ entry: null, nested });
  return groups;
}

const TABLES = ['', 'PT', 'PD', 'PDP', 'PML4'] as const;

/** The manual's name of the table at a level. */
export const tableName = (level: number): string => TABLES[level] ?? `level ${level}`;
