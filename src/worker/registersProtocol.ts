import type { Swap } from '../engine/cpu/swap';
/** What the window is told of a vCPU’s registers, its exits, its GHCB and its program; part of `protocol.ts`. */

/** Who can get at a value now: found out by reading, see `views/registers/reach.ts`. */
export type Reach = 'guest' | 'both' | 'hypervisor' | 'nobody';

/**
 * Where a register’s value stands: in the processor, where Xen finds it (VMCB save area, or its own copy), in the VMSA with
 * the guest’s key, the same bytes as Xen reads them, in the GHCB.
 */
export type PlaceId = 'vcpu' | 'xen' | 'vmsa' | 'sealed' | 'ghcb';

export interface RegisterCellView {
  /** Hexadecimal, two digits a byte; of `sealed` the bytes in the order in which they lie. */
  readonly value: string;
  readonly reach: Reach;
  /** SPA of its first byte; null: in the processor, or in Xen’s copy, of which only the page is known. */
  readonly at: number | null;
  /** False: nobody takes it for the register’s value now. It is left over, ignored, or not marked valid. */
  readonly counts: boolean;
  /** The last action changed it. */
  readonly changed: boolean;
  /** In a VMSA with VmsaRegProt: the nonce, hexadecimal, with which the register’s value is XORed as it stands there. */
  readonly nonce?: string;
}

export interface RegisterRow {
  readonly name: string;
  readonly label: string;
  /** What the set bits are called, where they have names. */
  readonly bits: string | null;
  /** Who carries it through a world switch. */
  readonly swap: Swap;
  readonly cells: Readonly<Partial<Record<PlaceId, RegisterCellView>>>;
}

/** A vCPU of a guest. */
export interface VcpuChoice {
  readonly guest: string;
  readonly vcpu: number;
}

/** A field of the VMCB’s control area, with what its value means. */
export interface ControlFieldView {
  readonly name: string;
  readonly label: string;
  readonly offset: number;
  readonly value: string;
  readonly says: readonly string[];
  readonly help: string;
  readonly changed: boolean;
}

export interface SideView extends VcpuChoice {
  readonly asid: number;
  readonly sev: boolean;
  readonly es: boolean;
  readonly snp: boolean;
  /** The core that runs it now, or null. */
  readonly core: number | null;
  readonly state: 'runs' | 'halted' | 'waits';
  /** SPAs of the pages; null: it has none. */
  readonly pages: {
    readonly vmcb: number;
    readonly userRegs: number;
    readonly vmsa: number | null;
    readonly ghcb: number | null;
  };
  readonly rows: readonly RegisterRow[];
  readonly control: readonly ControlFieldView[];
}

export interface RegistersView {
  /** The living guests, and how many vCPUs each has. */
  readonly guests: readonly {
    readonly name: string;
    readonly es: boolean;
    readonly snp: boolean;
    readonly vcpus: number;
  }[];
  readonly sides: readonly SideView[];
}

/**
 * How a guest left: with all registers open (no SEV-ES), by an exit of the fixed list, through #VC and its GHCB, or with a
 * message in the GHCB MSR.
 */
export type ExitWay = 'plain' | 'automatic' | 'vc' | 'message';

export interface ExitRecord {
  /** Of the span that all of it lies in, or of the #VMEXIT that begins it. */
  readonly id: number;
  readonly action: number;
  readonly start: number;
  readonly end: number;
  readonly name: string;
  readonly way: ExitWay;
  readonly refused: boolean;
}

/** The exits of a vCPU, oldest first, at most the newest some hundreds. */
export interface ExitLog {
  readonly records: readonly ExitRecord[];
  readonly shortened: boolean;
}

/** A register or field with its value, hexadecimal. */
export interface CarriedView {
  readonly label: string;
  readonly value: string;
}

export interface ExitStep {
  readonly key: string;
  readonly lane: 'guest' | 'hardware' | 'xen';
  readonly name: string;
  readonly says: string;
  /** It began before the change with this number. */
  readonly start: number;
  /** The moment right after it. */
  readonly at: number;
  /** What somebody gets to see by it; null: it shows nothing to anybody. */
  readonly shows: { readonly to: 'xen' | 'guest'; readonly what: readonly CarriedView[] } | null;
  readonly refused: string | null;
}

export interface ExitView {
  readonly record: ExitRecord;
  readonly steps: readonly ExitStep[];
}

/** One exit of a trace, and how many instructions the guest ran before it. Pages count from 1 in the order of their use. */
export type SeenExitView =
  | { readonly kind: 'step'; readonly retired: number }
  | {
      readonly kind: 'page';
      readonly retired: number;
      readonly page: number;
      readonly access: 'read' | 'write' | 'fetch';
    }
  | { readonly kind: 'exit'; readonly retired: number; readonly name: string };

/** How Xen saw a guest run under its timer. */
export interface TraceView {
  readonly name: string;
  readonly guest: string;
  readonly frames: readonly SeenExitView[];
}

/** A part of the GHCB page; `valid` is null where the bitmap has no bit for it. */
export interface GhcbFieldView {
  readonly name: string;
  readonly label: string;
  readonly offset: number;
  readonly size: number;
  readonly help: string;
  /** Hexadecimal; null: bytes that are no number. */
  readonly value: string | null;
  readonly valid: boolean | null;
  readonly changed: boolean;
}

export interface GhcbView {
  readonly gva: number;
  readonly gpa: number;
  readonly spa: number;
  /** The key with which the guest reads the page, in the engine’s words. */
  readonly key: string;
  /** Xen reads the same bytes as the guest. */
  readonly shared: boolean;
  /** The page as the guest reads it. */
  readonly bytes: Uint8Array;
  readonly fields: readonly GhcbFieldView[];
  /** What the page asks for, or answers: by its code, in words; null while it says nothing. */
  readonly says: string | null;
  /** MSR C001_0130 of this vCPU and what it means. */
  readonly msr: { readonly value: string; readonly says: string };
}

export interface ProgramLineView {
  /** From 1. */
  readonly line: number;
  readonly address: number;
  /** What lies there now, as the guest fetches it; hexadecimal. */
  readonly bytes: string;
}

export interface ProgramView {
  readonly guest: string;
  readonly vcpu: number;
  readonly es: boolean;
  readonly name: string | null;
  /** Null: nothing has been loaded. */
  readonly text: string | null;
  readonly lines: readonly ProgramLineView[];
  readonly breaks: readonly number[];
  /** The line at RIP; null: RIP is elsewhere. */
  readonly current: number | null;
  readonly rip: string;
  readonly state: 'runs' | 'halted' | 'waits';
  readonly handler: { readonly checks: boolean; readonly shares: 'needed' | 'everything' } | null;
  /** Bytes that are still to be added to RSP, which a sibling thread makes stand still; null: RSP follows its instructions. */
  readonly heldBack: number | null;
  /** Reasons of #VMEXIT whose intercept bits are set. */
  readonly intercepts: readonly string[];
  readonly lies: readonly { readonly exit: string; readonly field: string; readonly value: string | null }[];
}

/** What a program’s text becomes: a row for each line with bytes, or what is wrong where (line and column from 1). */
export interface AssemblyView {
  readonly lines: readonly { readonly line: number; readonly offset: number; readonly bytes: string }[];
  readonly errors: readonly { readonly line: number; readonly column: number; readonly message: string }[];
}
