import type { ActionInfo, ActionOffer } from '../../engine/core/vocabulary';
import type { Completion } from '../protocol';

/** What the console knows of the session while a line is written or read. */
export interface Known {
  readonly vocabulary: readonly ActionInfo[];
  readonly offers: readonly ActionOffer[];
  /** Living guests, by name and by number. */
  readonly guests: readonly { readonly name: string; readonly id: number }[];
  /** Domain-0's configuration files. */
  readonly files: readonly string[];
  readonly cores: number;
}

export type Options = Completion['options'][number][];
