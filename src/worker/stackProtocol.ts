/** What the Xen stack's view crosses with: types only, part of `protocol.ts`. */
import type { XenTree } from '../engine/core/config';
import type { Fault } from '../engine/core/fault';
import type { Json, JsonObject } from '../engine/core/json';
import type { Status } from '../engine/core/status';
import type { LayerId } from '../engine/xen/path/layers';
import type { TimelineEntry } from '../engine/xen/path/timeline';

/** What is known of a function of the stack, whatever it was called with. */
export interface CallFacts {
  readonly status: Status;
  /** Null where no source names it: then the simulator made it up, and says so. */
  readonly file: string | null;
  readonly source: string | null;
  readonly note: string | null;
  readonly aspCommands: readonly string[];
  readonly refuses: readonly string[];
}

/** One call of an action, in the layer in which it runs. */
export interface StackCall {
  /** The span's, or below 0 for the writes of the mailbox registers, which are changes and no span. */
  readonly id: number;
  readonly parent: number | null;
  /** 1 for the outermost. */
  readonly level: number;
  readonly lane: LayerId;
  readonly name: string;
  readonly actor: string;
  readonly args: JsonObject;
  readonly result: Json;
  readonly fault: Fault | null;
  readonly start: number;
  readonly end: number;
  readonly status: Status;
  /** Not upstream itself, or only called from what is not. */
  readonly proposed: boolean;
}

export interface StackLane {
  readonly id: LayerId;
  readonly name: string;
  readonly privilege: string;
  readonly role: string;
  readonly status: Status;
  readonly sevPart: Status | null;
}

/** One layer that a refusal passed on its way up; the first is where it was decided. */
export interface Passed {
  readonly id: number;
  /** What this layer said, where that differs from the layer before. */
  readonly says: string | null;
}

/** The calls of one action, laid out in layers. */
export interface StackView {
  /** -1 is the power-on. */
  readonly action: number;
  readonly title: string;
  readonly type: string | null;
  readonly start: number;
  readonly end: number;
  readonly xen: XenTree;
  readonly lanes: readonly StackLane[];
  /** In the order in which they began; a caller stands before what it calls. */
  readonly calls: readonly StackCall[];
  /** Calls that were too many to show. */
  readonly leftOut: number;
  readonly facts: Readonly<Record<string, CallFacts>>;
  /** What each status means. */
  readonly statuses: Readonly<Record<Status, string>>;
  readonly refusal: readonly Passed[];
}

/** What changed inside one call. */
export interface StackCallView {
  readonly count: number;
  /** How many of each kind, the commonest first. */
  readonly kinds: readonly { readonly kind: string; readonly count: number }[];
  /** Page frames whose bytes or word changed, at most 24 of `pageCount`. */
  readonly pages: readonly number[];
  readonly pageCount: number;
  /** Records that changed, in words, at most 12 of them. */
  readonly records: readonly { readonly change: number; readonly title: string }[];
  /** Part of it lies before what is kept. */
  readonly partly: boolean;
}

export type SevTechnology = 'sev' | 'sev-es' | 'sev-snp';

/** A piece that somebody had to write, or has to, before an encrypted guest runs under Xen. */
export interface Piece {
  readonly name: string;
  readonly lane: LayerId;
  /** The first technology that needs it; later ones build on it, unless one replaces it. */
  readonly technology: SevTechnology;
  readonly status: Status;
  readonly file: string;
  readonly source: string;
  readonly note: string | null;
  /** It runs in place of this one. */
  readonly insteadOf: string | null;
}

export interface EnablingView {
  readonly lanes: readonly StackLane[];
  readonly pieces: readonly Piece[];
  readonly timeline: readonly TimelineEntry[];
  readonly statuses: Readonly<Record<Status, string>>;
}

/** A place in a configuration file, and what is said about it. */
export interface AtPlace {
  readonly line: number;
  readonly column: number;
  readonly message: string;
}

/** What xl makes of a configuration, in the dialect of the machine's Xen. */
export interface XlReading {
  readonly dialect: XenTree;
  readonly error: AtPlace | null;
  readonly warnings: readonly AtPlace[];
  /** Keys that change nothing; xl says nothing of them. */
  readonly ignored: readonly AtPlace[];
  /** Null when xl ends before it knows. */
  readonly guest: {
    readonly name: string;
    readonly type: string;
    readonly vcpus: number;
    /** Bytes; null where libxl decides. */
    readonly memory: number | null;
    readonly encrypted: boolean;
    /** The kind that it would be: with SEV-ES. */
    readonly es: boolean;
    readonly snp: boolean;
  } | null;
}

/** A configuration file of Domain-0. */
export interface ConfigFile {
  readonly name: string;
  readonly text: string;
}
