import type { PageEdge } from '../engine/asp/snp/pageMachine';
import type { Fault, Rule } from '../engine/core/fault';
import type { JsonObject } from '../engine/core/json';
import type { RmpAccess } from '../engine/rmp/access';
import type { RmpEnd } from '../engine/rmp/check';
import type { PageState } from '../engine/rmp/types';

/** What the window is told of the reverse map table; part of `protocol.ts`. */

/** A segment of the table of segments that covers anything. */
export interface RmpSegmentView {
  readonly index: number;
  /** SPA of its first page. */
  readonly from: number;
  /** Bytes of it that have entries. */
  readonly covered: number;
  /** SPA of its first entry. */
  readonly base: number;
}

/** Where the table lies. Null instead of it: SNP is not enabled. */
export interface RmpView {
  /** SPAs of the first and the last byte. */
  readonly base: number;
  readonly end: number;
  /** Bytes before the first entry. */
  readonly bookkeeping: number;
  /** Pages of the machine. */
  readonly pages: number;
  /** Null: one table. */
  readonly segmentBits: number | null;
  readonly segments: readonly RmpSegmentView[];
}

/** One page by its entry. */
export interface RmpRowView {
  readonly pfn: number;
  readonly state: PageState;
  /** SPA of the entry; null: the page is not covered, and the rest says nothing. */
  readonly at: number | null;
  /** 16 bytes in the order in which they lie, hexadecimal. */
  readonly bytes: string;
  /** The guest that has the ASID; null: nobody now. */
  readonly guest: string | null;
  readonly asid: number;
  readonly gpa: number;
  readonly assigned: boolean;
  readonly large: boolean;
  readonly validated: boolean;
  readonly immutable: boolean;
  readonly vmsa: boolean;
  /** Masks of VMPL0 to VMPL3. */
  readonly permissions: readonly number[];
  /** First page of the large page that speaks for this one; null: the entry speaks for itself. */
  readonly head: number | null;
}

/** A field of an entry. */
export interface RmpFieldView {
  readonly name: string;
  readonly lsb: number;
  readonly width: number;
  /** Hexadecimal, without prefix. */
  readonly value: string;
  readonly help: string;
}

export interface RmpEntryView {
  readonly row: RmpRowView;
  readonly fields: readonly RmpFieldView[];
}

/** What of an entry colours the map. */
export type RmpAspect = 'state' | 'owner' | 'vmpl' | 'validated';

/**
 * A page’s number by each aspect. State: its place in the engine’s `PAGE_STATES`. Owner: 0 the hypervisor, `FIRMWARE_OWNS`,
 * or `GUEST_OWNS` and its ASID. VMPL: 0 for a page that is no guest’s, else one more than the least privileged VMPL that may do
 * anything. Validated: 0 for a page that is no guest’s, 1 not accepted, 2 accepted.
 */
export const FIRMWARE_OWNS = 1;
export const GUEST_OWNS = 2;

/** Neighbouring pages. */
export interface RmpPageRun {
  readonly first: number;
  readonly count: number;
}

/** A moment of the record. */
export interface RmpMomentView {
  /** Index after the change. */
  readonly change: number;
  /** The instruction, command or other call in which it happened. */
  readonly by: string;
  readonly actor: string;
  /** Title of the action. */
  readonly action: string;
}

/** Pages that changed their state in the same way at once. */
export interface RmpMoveView extends RmpMomentView, RmpPageRun {
  readonly from: PageState;
  readonly to: PageState;
  /** Place among the machine’s `edges`; null: nobody may do that, somebody wrote the table itself. */
  readonly edge: number | null;
}

/** The state machine of pages as it stands at the cursor. */
export interface RmpMachineView {
  /** Every edge there is. */
  readonly edges: readonly PageEdge[];
  /** The state of the page that was asked for. */
  readonly current: PageState;
  /** Pages in each state, in the order of `PAGE_STATES`. */
  readonly counts: readonly number[];
  /** What that page went through, oldest first: the last two dozen. */
  readonly path: readonly RmpMoveView[];
  /** Each edge that was taken, where it was taken last; newest first. */
  readonly taken: readonly RmpMoveView[];
  /** The record was read from this change on. */
  readonly since: number;
}

/** An access that somebody could make; `who` is `xen`, `device`, `firmware` or a guest. */
export interface RmpQuestion {
  readonly who: string;
  readonly kind: 'read' | 'write' | 'fetch' | 'walk';
  readonly c: boolean;
  readonly vmpl: number;
  readonly pfn: number;
}

export interface RmpRungView {
  readonly name: string;
  readonly rule: Rule;
  readonly inputs: JsonObject;
  readonly holds: boolean;
  readonly decides: boolean;
  readonly raises: RmpEnd;
}

/** The checks of one access in order. */
export interface RmpLadderView {
  readonly access: Pick<RmpAccess, 'actor' | 'kind' | 'c' | 'asid' | 'vmpl' | 'gpa' | 'large'>;
  readonly spa: number;
  /** The guest that has the ASID of the access. */
  readonly guest: string | null;
  readonly row: { readonly id: string; readonly rule: Rule };
  readonly rungs: readonly RmpRungView[];
  readonly end: 'allowed' | RmpEnd;
  /** What the failed check raises. */
  readonly fault: Fault | null;
  /** Names of the bits that are set in the error code. */
  readonly bits: readonly string[];
  /** Index after the change at which it was asked; null: nobody has, this is what would happen. */
  readonly change: number | null;
  /** A TLB entry answered: nobody looked at the table. */
  readonly fromTlb: boolean;
}
