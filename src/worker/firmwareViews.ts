/** What the window is told of the secure processor; part of `protocol.ts`. */
import type { Rule } from '../engine/core/fault';
import type { JsonObject } from '../engine/core/json';

/** A state machine of the firmware, and the state that it is in now. */
export interface MachineView {
  readonly states: readonly string[];
  readonly current: string | null;
  readonly transitions: readonly {
    readonly from: string;
    readonly to: string;
    readonly by: readonly string[];
    readonly when?: string;
  }[];
  readonly source: string;
}

/** One check of a command, as far as it came. */
export interface RungView {
  readonly rule: Rule;
  readonly status: string;
  readonly reached: 'passed' | 'refused' | 'not reached';
}

/** What a command would answer now: told by its own checks, tried on the real state and taken back. */
export interface CommandOffer {
  readonly name: string;
  readonly id: number;
  readonly purpose: string;
  readonly source: string;
  /** It is about the chosen guest. */
  readonly aboutGuest: boolean;
  readonly status: string;
  readonly meaning: string;
  /** The check that would refuse; null: it would be carried out. */
  readonly check: { readonly at: number; readonly of: number; readonly rule: Rule } | null;
  /** Null for the second host, which is only looked at. */
  readonly action: JsonObject | null;
}

/** A command that was carried out or refused. */
export interface CommandRecord {
  /** Of its span. */
  readonly id: number;
  readonly name: string;
  readonly start: number;
  readonly end: number;
  /** Index of the action in which it came; -1 is the power-on. */
  readonly action: number;
  readonly handle: number | null;
  readonly status: string;
  /** States that it changed, in the order of the changes: `guest 1: LUPDATE → LSECRET`. */
  readonly moves: readonly { readonly what: string; readonly from: string; readonly to: string }[];
}

export interface CommandRun extends CommandRecord {
  readonly purpose: string;
  readonly meaning: string;
  readonly value: number | null;
  readonly rungs: readonly RungView[];
  /** The cursor stands inside it. */
  readonly running: boolean;
}

export interface FirmwareGuest {
  readonly handle: number;
  /** The domain's name, or null for a guest that Xen does not know. */
  readonly name: string | null;
  readonly state: string;
  readonly activation: string;
  readonly asid: number;
  readonly policy: number;
  readonly policyBits: readonly string[];
  readonly complexes: number;
  readonly vcpus: number;
}

export interface FirmwareView {
  /** False before the machine has started, and without power: nobody answers. */
  readonly ready: boolean;
  readonly platform: {
    readonly es: boolean;
    readonly guests: number;
    readonly owned: boolean;
    readonly ring: boolean;
    readonly hung: boolean;
  };
  readonly guests: readonly FirmwareGuest[];
  /** The guest that the machines are about; null: none lives. */
  readonly chosen: number | null;
  readonly machines: Readonly<Record<'platform' | 'snp' | 'guest' | 'activation', MachineView>>;
  readonly commands: readonly CommandOffer[];
  readonly last: CommandRun | null;
}

/** Commands in the order in which they came, at most the newest some hundreds. */
export interface CommandLog {
  readonly records: readonly CommandRecord[];
  /** There were more before them. */
  readonly shortened: boolean;
}

export interface BufferField {
  readonly name: string;
  readonly offset: number;
  readonly size: number;
  readonly meaning: string;
  /** What memory holds there now, hexadecimal. */
  readonly value: string;
  /** What the command was called with, where that differs. */
  readonly passed: string | null;
  /** The page frame that it points to. */
  readonly points: number | null;
}

export interface MailboxView {
  readonly registers: readonly {
    readonly name: string;
    readonly address: number;
    readonly value: number;
    readonly bits: readonly { readonly bits: string; readonly name: string; readonly value: string }[];
  }[];
  readonly hung: boolean;
  /** The buffer of the last command that had one; its address was written before it. */
  readonly buffer: {
    readonly command: string;
    readonly address: number;
    readonly encrypted: boolean;
    readonly bytes: Uint8Array;
    readonly fields: readonly BufferField[];
  } | null;
}

/** A certificate in one of the firmware's two formats, opened. */
export interface CertificateView {
  readonly fields: readonly {
    readonly name: string;
    readonly offset: number;
    readonly size: number;
    readonly value: string;
    readonly meaning: string;
  }[];
  readonly bytes: Uint8Array;
  readonly signatures: readonly { readonly by: string; readonly verdict: string; readonly valid: boolean }[];
}

export type KeyPresence = 'present' | 'absent' | 'gone';

export interface KeyView {
  readonly id: string;
  readonly name: string;
  readonly long: string;
  readonly kind: 'root' | 'platform' | 'session' | 'memory';
  /** In a word: `AMD`, `firmware`. */
  readonly maker: string;
  readonly madeBy: string;
  readonly readBy: string;
  readonly protects: string;
  readonly source: string;
  readonly modelled: string | null;
  readonly presence: KeyPresence;
  /** Where it is now, or why it is not. */
  readonly where: string;
  /** The engine's name of the secret; never its bytes. */
  readonly label: string | null;
  readonly certificate: CertificateView | null;
  /** Why there is no certificate to be seen although the key is there. */
  readonly withheld: string | null;
  /** Public bytes that are no certificate. */
  readonly open: readonly { readonly name: string; readonly bytes: Uint8Array; readonly meaning: string }[];
  readonly protectsGuest: string | null;
  /** Pages that the memory controller has written with it. */
  readonly pages: { readonly count: number; readonly first: number } | null;
}

export interface KeysView {
  readonly keys: readonly KeyView[];
  readonly links: readonly { readonly from: string; readonly to: string; readonly how: string }[];
  readonly guests: readonly { readonly handle: number; readonly name: string | null }[];
  readonly chosen: number | null;
  /** Where PDH_CERT_EXPORT last put certificates that still lie there. */
  readonly exported: { readonly change: number; readonly pdh: number; readonly chain: number } | null;
  readonly exportAction: JsonObject | null;
}
