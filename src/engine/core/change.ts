import type { Pfn, Spa } from './address';
import type { CellKey, Cells } from './cells';
import type { Rule } from './fault';
import type { JsonObject } from './json';
import type { KeySelector } from './key';

/** One 64-byte line in the cache of a core complex: plaintext, tagged with its address and key. */
export interface CacheLine {
  readonly address: Spa;
  readonly key: KeySelector;
  readonly dirty: boolean;
  /** Who wrote it last (the numbers of `PageMeta.writer`): the page's writer once the line reaches DRAM. */
  readonly writer: number;
  /** It was dirty when its page was assigned to a guest: coherence between keys does not find it (`CACHE_RULES.behind`). */
  readonly behind?: true;
  /** Order of arrival; the smallest leaves first (first in, first out: modelled). */
  readonly born: number;
  /** 64 bytes of plaintext. Never changed in place. */
  readonly data: Uint8Array;
}

/** One translation held by a core's TLB, tagged with the ASID under which it was made. */
export interface TlbEntry {
  readonly asid: number;
  /** First virtual address of the page (or guest physical, when the guest's paging is off). */
  readonly page: number;
  readonly size: number;
  /** First system physical address of the page. */
  readonly target: Spa;
  /** First guest physical address on the way, for a guest. */
  readonly gpa: number | null;
  /** C-bit of the leaf of the first table (host or guest). */
  readonly c: boolean;
  /** C-bit of the leaf of the nested table; false for the host. */
  readonly nestedC: boolean;
  readonly writable: boolean;
  /** What the RMP answered when the entry was made; absent: SNP was not enabled. */
  readonly rmp?: RmpVerdict;
  readonly born: number;
}

/** The checks of SNP as a TLB entry keeps them, so that the next access need not look at the table. */
export interface RmpVerdict {
  /** VMPL that asked. */
  readonly vmpl: number;
  /** Accesses that pass: 1 reads, 2 writes, 4 fetches. */
  readonly allows: number;
  /** The mapping is of 2 MiB or more: what is assigned anywhere in its 2 MiB counts. */
  readonly large: boolean;
}

/**
 * One observable fact about the machine, reversible because it carries what was and what is.
 * A `fact` moves no state: it records what a part of the machine read, decided or showed to somebody.
 */
export type Change =
  /** The bytes are as many before as after, and nobody changes either array any more: the record may keep them. */
  | { readonly store: 'dram'; readonly address: Spa; readonly before: Uint8Array; readonly after: Uint8Array }
  | { readonly store: 'page'; readonly pfn: Pfn; readonly before: number; readonly after: number }
  | {
      readonly store: 'cache';
      readonly complex: number;
      readonly slot: string;
      readonly before: CacheLine | null;
      readonly after: CacheLine | null;
    }
  | {
      readonly store: 'tlb';
      readonly core: number;
      readonly slot: string;
      readonly before: TlbEntry | null;
      readonly after: TlbEntry | null;
    }
  | {
      readonly store: 'cell';
      readonly key: CellKey;
      readonly before: Cells[CellKey] | null;
      readonly after: Cells[CellKey] | null;
    }
  | FarChange
  | FactChange;

/** The same on the second host, to which guests migrate. */
export interface FarChange {
  readonly store: 'far';
  readonly change: Change;
}

export interface FactChange {
  readonly store: 'fact';
  readonly what: FactKind;
  readonly data: JsonObject;
  /** The rule that decided, where one did. */
  readonly rule: Rule | null;
  /** The bytes that the fact is about, if any: what was written, or what somebody saw. Never changed in place. */
  readonly bytes: Uint8Array | null;
}

/**
 * The places of one access, in the order in which it passes them, and what its end shows to whom.
 * `wrote` and `saw` carry `{ actor, space, address, spa, key, private }` and the bytes; the properties read them.
 */
export type FactKind =
  | 'core'
  | 'tlb'
  | 'walk'
  | 'rmp'
  | 'key'
  | 'check'
  | 'cache'
  | 'controller'
  | 'bus'
  | 'note'
  | 'wrote'
  | 'saw'
  | 'fault';
