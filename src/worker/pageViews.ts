import type { Fault, Rule } from '../engine/core/fault';

/** What the window sees of one page, and of the way that leads to it. */

export interface WalkView {
  readonly who: string;
  readonly virtual: number;
  readonly result: { readonly spa: number; readonly key: string; readonly pageSize: number } | null;
  readonly fault: Fault | null;
  /** The entries read, in order: guest levels with the nested walk that found each, or host levels. */
  readonly entries: readonly WalkEntryView[];
  readonly checks: readonly CheckView[];
}

export interface WalkEntryView {
  readonly table: 'host' | 'guest' | 'nested';
  /** 4 … 1. */
  readonly level: number;
  readonly index: number;
  /** SPA of the entry. */
  readonly address: number;
  /** For a guest level, the GPA of the entry; for a nested one, the GPA being translated. */
  readonly gpa: number | null;
  /** Raw 64 bits as the walker got them, `0x` and 16 digits. */
  readonly raw: string;
  readonly key: string;
  /** Fields of the entry, most significant first: name, bits, value. */
  readonly fields: readonly { readonly name: string; readonly bits: string; readonly value: string }[];
  readonly decision: string;
}

export interface CheckView {
  readonly title: string;
  readonly passed: boolean;
  readonly detail: string;
  readonly rule: Rule | null;
}

export interface PageView {
  readonly pfn: number;
  readonly owner: string;
  readonly word: number;
  readonly region: string;
  /** The page's use in words: `Alice's memory`, `nested table of Alice, level 2`, `VMCB of Bob`, `free`… */
  readonly use: string;
  readonly mappings: readonly {
    readonly who: string;
    readonly virtual: number | null;
    readonly gpa: number | null;
    readonly c: boolean | null;
    readonly nestedC: boolean | null;
  }[];
  readonly touches: readonly { readonly change: number; readonly action: number; readonly title: string }[];
  readonly cachedLines: readonly {
    readonly complex: number;
    readonly address: number;
    readonly key: string;
    readonly dirty: boolean;
  }[];
  /** If each of these accessed the page now: the checks in order and the outcome. */
  readonly attempts: readonly {
    readonly who: string;
    readonly op: string;
    readonly checks: readonly CheckView[];
    readonly outcome: string;
    readonly fault: Fault | null;
  }[];
}
