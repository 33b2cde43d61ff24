import type { Fault } from './fault';
import type { Json, JsonObject } from './json';

/** The part of the system in which a call runs; one lane of the timeline each. */
export type Layer =
  | 'toolstack'
  | 'xen'
  | 'asp'
  | 'guest'
  | 'core'
  | 'memory'
  | 'device'
  | 'owner'
  | 'physical';

/** A call: its layer, function, arguments and result, and the range of changes made inside it. */
export interface Span {
  readonly id: number;
  /** Id of the enclosing span, or null for the span of an action. */
  readonly parent: number | null;
  readonly depth: number;
  readonly layer: Layer;
  /** Who acts, for example `alice`, `xen`, `probe`. */
  readonly actor: string;
  /** Function or instruction, for example `VMRUN`, `guest.write`. */
  readonly name: string;
  readonly args: JsonObject;
  /** Index of the first change inside. */
  readonly start: number;
  /** Index after the last change inside; equals `start` while nothing was recorded. */
  end: number;
  result: Json;
  fault: Fault | null;
}
