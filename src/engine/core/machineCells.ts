/** What hardware outside the secure processor keeps; part of `cells.ts`. */

/** HWCR (MSR C001_0015) of a thread. No cell: bit 4 is clear. */
export interface HwcrCell {
  /** Bit 4: INVD acts as WBINVD. */
  readonly invdWbinvd: boolean;
}

/** MSR C001_1029 bit 19 of a core, and what its stack engine holds back. No cell: the bit is clear. */
export interface StackEngineCell {
  readonly off: boolean;
  /** Of each thread whose RSP stands still: bytes that are to be added to it. */
  readonly held: Readonly<Record<number, number>>;
}

/** How the sticks of memory answer addresses. No cell: each address has a cell of its own. */
export interface StickCell {
  /** The address bit that reaches no cell, as a power of two: two SPAs that differ only in it share one. 0: none. */
  readonly dead: number;
  /** The same as the sticks’ SPD will make it at the next power-on; null: as it is. */
  readonly next: number | null;
  /** What the boot firmware found that probes memory for addresses that share a cell. Absent: it does not. */
  readonly aliased?: boolean;
}

/** A store that a core repeats whenever the secure processor is at work. No cell: none. */
export interface RacingCell {
  readonly core: number;
  /** Virtual address, in Xen’s map. */
  readonly virtual: number;
  /** Hexadecimal. */
  readonly bytes: string;
}

/** Registers of the data fabric that say where requests of the secure processor go. No cell: all to memory. */
export interface RoutesCell {
  /** SPAs whose requests go to no device and no memory. */
  readonly base: number;
  readonly length: number;
}
