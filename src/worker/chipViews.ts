import type { Fault, Rule } from '../engine/core/fault';

/** What the window sees of cores, caches, TLBs and key slots, and of the ASIDs that tag them. */

export interface CacheLineView {
  readonly complex: number;
  readonly address: number;
  readonly key: number;
  readonly keyName: string;
  readonly dirty: boolean;
  readonly born: number;
  readonly data: Uint8Array;
}

export interface TlbEntryView {
  readonly core: number;
  readonly asid: number;
  readonly page: number;
  readonly size: number;
  readonly target: number;
  readonly c: boolean;
  readonly nestedC: boolean;
  readonly writable: boolean;
}

export interface CoreView {
  readonly id: number;
  readonly complex: number;
  readonly mode: 'host' | 'guest';
  readonly guest: string | null;
  readonly asid: number;
}

export interface SlotView {
  /** -1 none, 0 host, otherwise the ASID. */
  readonly selector: number;
  readonly name: string;
  readonly keyId: string;
}

export interface ChipView {
  readonly cores: readonly CoreView[];
  readonly slots: readonly SlotView[];
  readonly caches: readonly CacheLineView[];
  readonly tlbs: readonly TlbEntryView[];
  readonly encryption: {
    readonly mode: string;
    readonly label: string;
    readonly definition: string;
    readonly rule: Rule;
    readonly bits: number;
  };
  readonly coherent: boolean;
  readonly asp: { readonly resets: number; readonly keysMade: number };
  readonly device: { readonly guest: string | null };
}

export interface MatrixView {
  readonly readers: readonly string[];
  readonly targets: readonly {
    readonly name: string;
    readonly address: number;
    readonly plaintext: Uint8Array;
  }[];
  /** Row a reader, column a target: what a real read returned. */
  readonly cells: readonly (readonly {
    /** `raw`: what the DRAM holds, and nobody encrypted it. */
    readonly result: 'plaintext' | 'ciphertext' | 'raw' | 'noise' | 'fault' | 'own';
    readonly bytes: Uint8Array | null;
    readonly key: string;
    readonly fault: Fault | null;
  }[])[];
}

export interface AsidView {
  readonly ecx: number;
  readonly edx: number;
  readonly cBit: number;
  readonly reduction: number;
  readonly physicalBits: number;
  readonly features: readonly { readonly bit: number; readonly name: string }[];
  readonly eax: number;
  readonly ebx: number;
  readonly holders: readonly { readonly asid: number; readonly guest: string }[];
  readonly books: AsidBooks;
  readonly allocators: AllocatorsView;
}

/** What the firmware notes of an ASID on a core complex. */
export type AsidState = 'dirty' | 'clean' | 'allocated' | 'in use';

/** The firmware’s books: per ASID that is or was somebody’s, and for all others; a state a core complex. */
export interface AsidBooks {
  readonly asids: readonly { readonly asid: number; readonly states: readonly AsidState[] }[];
  readonly others: readonly AsidState[];
  /** WBINVD_DONE of each thread. */
  readonly writtenBack: readonly boolean[];
}

/** What an allocator has done so far, and the number that each vCPU has with it. */
export interface AllocatorView {
  readonly handedOut: number;
  readonly generations: number;
  readonly vmruns: number;
  readonly flushAll: number;
  readonly flushAsid: number;
  readonly vcpus: readonly { readonly vcpu: string; readonly asid: number; readonly note: string }[];
}

/** Both allocators on the same events; `decides` is the one of this Xen. */
export interface AllocatorsView {
  readonly decides: 'today' | 'proposed';
  readonly today: AllocatorView;
  readonly proposed: AllocatorView;
  /** Generation and next number of each CPU, of today’s. */
  readonly cores: readonly { readonly generation: number; readonly next: number }[];
  /** Numbers that the proposed one never gives out again. */
  readonly leaked: readonly number[];
}
