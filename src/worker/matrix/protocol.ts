import type { Attempt } from '../../lab/attempt';

/** What crosses between a worker that computes the matrix and the window: types only. */

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

export type Told = MatrixCell | BrokenCell;

export interface MatrixApi {
  /**
   * Plays an attack on every machine, one after the other, but for those whose outcome was kept. Ends when all are told.
   * @throws Error for an attack that there is not: a bug of the window.
   */
  compute(attack: string, tell: (cells: readonly Told[]) => void): Promise<void>;
}
