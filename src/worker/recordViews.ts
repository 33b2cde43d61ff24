import type { Fault, Rule } from '../engine/core/fault';
import type { Json, JsonObject } from '../engine/core/json';
import type { Layer } from '../engine/core/span';

/** The record as the screens show it: its spans, its changes, and what lies between two moments. */

export interface SpanView {
  readonly id: number;
  readonly parent: number | null;
  readonly depth: number;
  readonly layer: Layer;
  readonly actor: string;
  readonly name: string;
  readonly args: JsonObject;
  readonly start: number;
  readonly end: number;
  readonly result: Json;
  readonly fault: Fault | null;
}

export interface ChangeView {
  readonly index: number;
  readonly store: 'dram' | 'page' | 'cache' | 'tlb' | 'cell' | 'fact';
  /** One line: `DRAM 0x12000: 16 bytes`. */
  readonly title: string;
  /** For facts: their kind and data. */
  readonly what: string | null;
  readonly data: JsonObject;
  readonly rule: Rule | null;
  readonly before: Uint8Array | null;
  readonly after: Uint8Array | null;
}

export interface Timeline {
  readonly length: number;
  /** Blocks already thinned out to the asked width: never more than some 2,000. */
  readonly blocks: readonly {
    readonly lane: string;
    readonly start: number;
    readonly end: number;
    readonly depth: number;
    readonly name: string;
    readonly actor: string;
    readonly fault: boolean;
  }[];
  readonly lanes: readonly string[];
}

/** One access as it passes through the machine: the facts of its span in order; `reached` of them are at or before the cursor. */
export interface AccessView {
  readonly span: SpanView;
  readonly hops: readonly ChangeView[];
  readonly reached: number;
  /** Earlier and later accesses, as change indices of their spans' starts, to go from one to the next. */
  readonly previous: number | null;
  readonly next: number | null;
}

export interface CompareView {
  readonly a: number;
  readonly b: number;
  readonly pages: readonly { readonly pfn: number; readonly before: number; readonly after: number }[];
  readonly dram: readonly {
    readonly address: number;
    readonly length: number;
    readonly before: Uint8Array;
    readonly after: Uint8Array;
  }[];
  readonly other: readonly {
    readonly store: string;
    readonly key: string;
    readonly before: string;
    readonly after: string;
  }[];
}
