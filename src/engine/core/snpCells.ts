import type { FrameRun } from './frameRun';

/** What the firmware keeps for SEV-SNP; part of `cells.ts`. It holds names of keys, never their bytes. */

/** Security version numbers of the parts that a platform's trust rests on, 0 to 255 each. */
export interface TcbVersion {
  /** First mutable code; only Turin has it, 0 elsewhere. */
  readonly fmc: number;
  readonly bootLoader: number;
  readonly tee: number;
  readonly snp: number;
  readonly microcode: number;
}

/** Which firmware runs, and below which it can no longer be rolled back. No cell: as the machine was delivered. */
export interface TcbCell {
  readonly running: TcbVersion;
  readonly committed: TcbVersion;
}

/** A VLEK as the host brought it: wrapped (0x1b0 bytes, hexadecimal), and the VCEK that unwraps it, as in `SnpCell.vcek`. */
export interface LoadedVlek {
  readonly wrapped: string;
  readonly vcek: string | null;
}

/** The firmware's own memory about SNP. No cell: nothing was asked of it since the reset. */
export interface SnpCell {
  /** Guests that were launched and are not decommissioned. */
  readonly guests: number;
  /** TCB version (64 bits, hexadecimal) of the firmware that wrote the RMP; null: nobody has. */
  readonly rmpTcb: string | null;
  /** TCB version of the VCEK that the firmware has derived; null: none yet, zeros lie in its place. */
  readonly vcek: string | null;
  /** What SNP_CONFIG set: the TCB version to report (null: the committed one), and what reports leave out. */
  readonly reportedTcb: string | null;
  readonly maskChipId: boolean;
  readonly maskChipKey: boolean;
  readonly vlek: LoadedVlek | null;
  /** Pages of the IOMMU's logs while they are its own. */
  readonly iommuPages: readonly FrameRun[];
  /** SNP_INIT_EX was asked to hide guests’ ciphertext. Absent: it was not. */
  readonly hiding?: boolean;
  /** SNP_SHUTDOWN_EX has torn this down: the next command begins with building it anew. */
  readonly stale: boolean;
}

/** Logs of the IOMMU in memory. No cell: it has none. */
export interface IommuCell {
  readonly logs: readonly FrameRun[];
}

/** SNP guest states (AMD-ASPFW sev_guest.h). */
export type SnpGuestState = 'INIT' | 'LAUNCH' | 'RUNNING';

/**
 * A secret of a guest: drawn here under a name, or a part of a guest message (hexadecimal, with its header) that only the
 * holder of another secret can open; `offset` counts from the beginning of the message’s plaintext.
 */
export type SecretSource =
  | string
  | {
      readonly message: string;
      readonly key: SecretSource;
      readonly offset: number;
    };

/** Keys of an SNP guest beside that of its memory. */
export interface ContextKeys {
  /** For pages that are swapped out. */
  readonly oek: SecretSource;
  /** For messages to the firmware, one a VMPL. */
  readonly vmpck: readonly [SecretSource, SecretSource, SecretSource, SecretSource];
  /** Root of keys that the guest derives. */
  readonly vmrk: SecretSource;
}

/** An SNP guest as the firmware keeps it: `context/N`, N the page frame of its context page. Byte strings are hexadecimal. */
export interface ContextCell {
  readonly state: SnpGuestState;
  /** 64 bits. */
  readonly policy: string;
  /** 0 while it has none. */
  readonly asid: number;
  readonly activation: 'inactive' | 'pending' | 'active';
  /** Core complexes on which it may run: one bit each. */
  readonly complexes: number;
  /** Name of the seed from which its memory key is derived. */
  readonly vek: string;
  /** Null before SNP_LAUNCH_START. */
  readonly keys: ContextKeys | null;
  /** How many messages each VMPCK has seen, requests and answers. */
  readonly messages: readonly [number, number, number, number];
  /** Launch digest, and digest of the initial migration image: 48 bytes each. */
  readonly digest: string;
  readonly imd: string;
  /** It is launched only to absorb another guest. */
  readonly imi: boolean;
  /** SPA of its migration agent's context page; null without one. */
  readonly agent: number | null;
  /** Names of what was drawn as REPORT_ID, here and for the agent; null: none yet, and all ones. */
  readonly reportId: string | null;
  readonly agentReportId: string | null;
  /** Next initialisation vector of a swapped page. */
  readonly swaps: number;
  /** The metadata entry of the page at the root, 64 bytes; null: nothing was swapped out there. */
  readonly root: string | null;
  /** Guest-OS-visible workarounds, 16 bytes. */
  readonly gosvw: string;
  /** Desired TSC frequency in kHz, 0 for none. */
  readonly tscFrequency: number;
  /** 64 bits each. */
  readonly tscOffset: string;
  readonly launchTcb: string;
  /** The ID block (0x60 bytes) of SNP_LAUNCH_FINISH, and the digests (48 bytes) of the keys that vouch for it. */
  readonly idBlock: string | null;
  readonly idKeyDigest: string | null;
  readonly authorKeyDigest: string | null;
  readonly authorKey: boolean;
  /** 32 bytes. */
  readonly hostData: string;
  readonly vcekDisabled: boolean;
}
