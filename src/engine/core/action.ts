import type { Actor } from './actor';
import type { Fault, Outcome } from './fault';
import type { Json, JsonObject } from './json';
import type { Platform } from './platform';
import type { z } from './zod';

/** How far a long action is, in its own units. */
export interface Progress {
  readonly done: number;
  readonly total: number;
}

/** A handler either finishes at once or yields now and then. */
export type Running = Outcome<Json> | Generator<Progress, Outcome<Json>>;

/** One thing that an actor can do: its schema, its words, when it is impossible, and what it does. */
export interface ActionDefinition<T extends string = string, S extends z.ZodMiniObject = z.ZodMiniObject> {
  readonly type: T;
  readonly actor: Actor;
  readonly title: string;
  readonly help: string;
  readonly schema: S;
  /** Who exactly acts, from the arguments: a guest's name, `xen`, `probe`… */
  readonly who: (args: z.infer<S>) => string;
  /** One line for the script and the timeline. */
  readonly describe: (args: z.infer<S>) => string;
  /** Why it is impossible whatever the arguments, or null. */
  readonly impossible?: (platform: Platform) => Fault | null;
  /** Sensible arguments at this moment. */
  readonly suggest?: (platform: Platform) => JsonObject;
  readonly run: (platform: Platform, args: z.infer<S>) => Running;
}

/** Keeps the literal type and the schema's shape together. */
export const defineAction = <T extends string, S extends z.ZodMiniObject>(
  definition: ActionDefinition<T, S>,
): ActionDefinition<T, S> => definition;
