import type { FactChange } from '../engine/core/change';
import type { Outcome } from '../engine/core/fault';
import type { Json } from '../engine/core/json';
import type { LampName } from '../engine/core/lamps';
import type { Platform } from '../engine/core/platform';

/** The machine right after a step: all that an expectation can be about. */
export interface Moment {
  readonly platform: Platform;
  /** The outcome of the last action; null when there was none. */
  readonly outcome: Outcome<Json> | null;
  readonly lamps: readonly { readonly name: LampName; readonly violated: boolean }[];
  /** The facts that the step recorded, in order. */
  readonly facts: readonly FactChange[];
  /** Names of the calls that the step made, in the order in which they began. */
  readonly calls: readonly string[];
}

/** Whether an expectation holds, and in one plain sentence what the machine really shows. */
export interface Finding {
  readonly holds: boolean;
  readonly says: string;
}

export const finding = (holds: boolean, says: string): Finding => ({ holds, says });
