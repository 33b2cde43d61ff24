import type { Technology } from '../../engine/core/config';
import type { Attempt } from '../../lab/attempt';
import type { SideStep } from '../../lab/lockstep';
import type { Side } from '../../lab/side';
import type { AttackCard } from '../attackProtocol';
import type { GuestSummary } from '../protocol';

/** What crosses between the worker that plays machines side by side and the window: types only. */

/** A script that can be compared. */
export interface ComparedScript {
  readonly id: string;
  readonly title: string;
  readonly steps: readonly {
    readonly title: string;
    readonly narration: string;
    /** Who acts, for its hue. */
    readonly who: string;
    /** Only these technologies have it; null: all. */
    readonly only: readonly Technology[] | null;
  }[];
  /** The machine that the script names for itself. */
  readonly home: Technology;
  /** Null: no attack. */
  readonly attack: Pick<AttackCard, 'from' | 'mitigations'> | null;
}

/** What became of one machine in one step; step 0 is the power-on. */
export interface SideProgress {
  readonly side: Side;
  readonly step: number;
  /** Null for step 0. */
  readonly record: SideStep | null;
  readonly pageCount: number;
  readonly guests: readonly GuestSummary[];
  /** Pairs (pfn, word) of the pages that differ from the step before, or of all pages when it is `whole`. Transferred. */
  readonly patch: Uint32Array;
  readonly whole: boolean;
  /** With the last step: what the attack came to; null before, for no attack, and where the script got stuck. */
  readonly outcome: Attempt | null;
}

export interface CompareApi {
  /** Null: there is no such scenario in the library. */
  script(id: string): Promise<ComparedScript | null>;
  /** Plays a script of the library on these machines, a step on each and then the next, and tells of every one. */
  play(id: string, sides: readonly Side[], tell: (progress: SideProgress) => void): Promise<void>;
}
