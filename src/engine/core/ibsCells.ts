/** Instruction-based sampling, and what a hypervisor keeps of it; part of `cells.ts`. */

/** Sampling of one core. No cell: it has never been switched on. */
export interface IbsCell {
  /** IbsOpCtl.IbsOpEn. */
  readonly on: boolean;
  /** Where the last sample was, a virtual address of whoever ran; null: there is none yet. */
  readonly last: number | null;
  /** From each sample to the next, in bytes. */
  readonly distances: readonly number[];
}

/** Samples that the hypervisor has put aside. No cell: none. */
export interface ProfilesCell {
  /** In the order in which they were kept; a name stands once. */
  readonly kept: readonly Profile[];
}

export interface Profile {
  readonly name: string;
  readonly distances: readonly number[];
}
