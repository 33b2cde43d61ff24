import type { JsonObject } from '../engine/core/json';
import type { LampName } from '../engine/core/lamps';
import type { Goal } from '../lab/sandbox/goals';
import type { SandboxLevel } from '../lab/sandbox/levels';
import type { Role } from '../lab/sandbox/roles';

/** What crosses between worker and window about the game against Alice: types only. */

export type { Goal } from '../lab/sandbox/goals';
export type { SandboxLevel } from '../lab/sandbox/levels';
export type { Role } from '../lab/sandbox/roles';

/** A level that can be chosen. */
export interface LevelChoice {
  readonly level: SandboxLevel;
  readonly title: string;
  readonly says: string;
}

/** The open game at the cursor, as somebody in a role sees it. */
export interface GameView {
  readonly level: SandboxLevel;
  /** Moves up to the cursor, and in all. */
  readonly moves: number;
  readonly length: number;
  /** Index of the action before the first move. */
  readonly before: number;
  readonly goals: readonly GoalView[];
  /** The first move that neither the role nor Alice makes of her own accord: from there on nothing counts. */
  readonly foul: { readonly move: number; readonly title: string } | null;
  readonly alice: readonly AliceMove[];
  readonly places: readonly GamePlace[];
  /** Types of actions that the role may do. */
  readonly allowed: readonly string[];
}

export interface GoalView {
  readonly goal: Goal;
  readonly title: string;
  readonly says: string;
  readonly lamp: LampName;
  /** Null while it is open. `change`: the cursor’s first position at which it is reached. */
  readonly reached: { readonly move: number; readonly change: number; readonly sentence: string } | null;
  /** Each tells more than the one before. */
  readonly hints: readonly string[];
}

/** Something that Alice does when she is let go on. */
export interface AliceMove {
  readonly id: string;
  readonly title: string;
  readonly says: string;
  readonly action: JsonObject;
  /** What a visitor sends is the person’s to choose: the action’s `data`. */
  readonly mail: boolean;
}

/** What the hypervisor knows of Alice’s memory: its own tables say where each page lies. */
export interface GamePlace {
  readonly name: string;
  readonly gpa: number;
  readonly spa: number;
}

export interface SandboxApi {
  levels(): Promise<readonly LevelChoice[]>;
  /** Null when the open session is no game, or stands before its first move can be made. */
  game(role: Role): Promise<GameView | null>;
  /** The game up to the cursor as the text of a scenario file; null where there is none. */
  solution(role: Role): Promise<string | null>;
}
