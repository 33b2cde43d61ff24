import type { Attempt } from '../../lab/attempt';

/** What crosses between the worker that computes the matrix and the window: types only. */

/** What an attack came to on one machine. */
export interface MatrixCell extends Attempt {
  readonly attack: string;
  /** The level, or the name of the mitigation on SEV-SNP. */
  readonly column: string;
}

/** A cell that could not be played: a mistake of ours. */
export interface BrokenCell {
  readonly attack: string;
  readonly column: string;
  readonly why: string;
}

/** What is known since it was last told. */
export interface Progress {
  readonly cells: readonly MatrixCell[];
  readonly broken: readonly BrokenCell[];
  readonly done: number;
  readonly total: number;
}

export interface MatrixApi {
  /** Plays every attack on every machine, one after the other, but for those whose outcome was kept. Ends when all are told. */
  compute(tell: (progress: Progress) => void): Promise<void>;
}
