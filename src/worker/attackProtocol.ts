import type { LampName } from '../engine/core/lamps';
import type { OutcomeWord } from '../lab/attempt';
import type { Power } from '../scenario/attack';
import type { CheckName } from '../scenario/checks';

/** What crosses between worker and window about attacks: types only. */

export type { Power } from '../scenario/attack';
export type { AttackCard } from '../scenario/attackCards';

/** What the open attack says about itself, and what it came to. */
export interface AttackView {
  readonly tier: 1 | 2;
  readonly year: number;
  readonly paper: string;
  readonly cve: readonly string[];
  readonly bulletins: readonly string[];
  readonly powers: readonly Power[];
  readonly hurts: string;
  readonly violates: readonly LampName[];
  /** False: what is attacked does not exist on this technology. */
  readonly applicable: boolean;
  /** At most one is on. */
  readonly mitigations: readonly { readonly id: string; readonly says: string; readonly on: boolean }[];
  /** Null until it was played to its end. */
  readonly outcome: OutcomeView | null;
}

export interface OutcomeView {
  readonly word: OutcomeWord;
  readonly check: CheckName | null;
  /** The rule of the engine that refused. */
  readonly rule: string | null;
  /** What the machine shows at the step that decides. */
  readonly says: string;
  readonly step: number | null;
}

/** What the attacker wants after a step. */
export interface AimView {
  readonly says: string;
  /** Null before the step was taken. */
  readonly reached: boolean | null;
  /** What the machine shows about it; empty before. */
  readonly shown: string;
}
