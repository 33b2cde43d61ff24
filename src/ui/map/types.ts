/** A run of pages with a purpose, touched or not. */
export interface MapRegion {
  readonly first: number;
  readonly count: number;
  readonly label: string;
  /** Whose: a number as in a page word. */
  readonly owner: number;
}

export interface MapArrow {
  readonly from: number;
  readonly to: number;
  readonly label: string;
  readonly tone: 'fault' | 'hot' | 'neutral';
}

/** What the numbers in a page word are called. */
export interface MapNames {
  /** "Alice", "Xen", "ASP", a device. */
  owner(owner: number): string;
  /** "ASID 1", "host key". */
  key(key: number): string;
  /** Whose key it is, so that an ASID has the hue of its guest; without it ASID n has the hue of guest n - 1. */
  ownerOfKey?(key: number): number | undefined;
}

/** What of the reverse map table the map shows: states of pages, owners, VMPLs, or what guests have accepted. */
export const RMP_MODES = ['rmp', 'rmp-owner', 'rmp-vmpl', 'rmp-validated'] as const;
export type RmpMode = (typeof RMP_MODES)[number];

export const MAP_MODES = ['owner', 'key', 'writer', 'entropy', ...RMP_MODES] as const;
export type MapMode = (typeof MAP_MODES)[number];

export const isRmpMode = (mode: MapMode): mode is RmpMode => mode.startsWith('rmp');
