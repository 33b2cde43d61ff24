import type { Progress } from '../engine/core/action';
import type { MachineConfig } from '../engine/core/config';
import type { Outcome } from '../engine/core/fault';
import type { Json } from '../engine/core/json';
import type { State } from '../engine/core/state';
import type { Recorder } from '../engine/core/trace';

/** What the history asks of a machine: `engine/machine.ts` in the program, a toy in the tests. `A` is its action. */
export interface Engine<A> {
  readonly state: State;
  perform(action: A): Generator<Progress, Outcome<Json>>;
}

/** Files that actions name, by the hexadecimal SHA-256 of their bytes. */
export type Blobs = ReadonlyMap<string, Uint8Array>;

/** Builds a machine and powers it on, recording the power-on. The same arguments give the same bytes, always. */
export type PowerOn<E> = (config: MachineConfig, recorder: Recorder, blobs: Blobs) => E;

/** An action that was performed, and the changes `start` up to `end` that it made. */
export interface PerformedAction<A> {
  readonly action: A;
  readonly start: number;
  readonly end: number;
  readonly outcome: Outcome<Json>;
  /** Where something was refused: change indices after the deciding change, ascending. */
  readonly faults: readonly number[];
}

/** A bug of ours in an action's handler: the action was taken back. `cause` is what was thrown. */
export class ActionError extends Error {
  override readonly name = 'ActionError';
  readonly action: unknown;

  constructor(action: unknown, cause: unknown) {
    super(`an action broke: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
    this.action = action;
  }
}
