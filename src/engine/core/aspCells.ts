/** What the secure processor keeps; part of `cells.ts`. It holds names of keys, never their bytes. */

/** Legacy platform states (AMD-ASPFW sev_plat.h). */
export type SevPlatformState = 'UNINIT' | 'INIT' | 'WORKING';

/** Memory that INIT reserves for SEV-ES: the checksums of VMSAs lie there. It is live from the first DF_FLUSH on. */
export interface TrustedRegion {
  readonly address: number;
  readonly length: number;
  readonly live: boolean;
  /** Numbers of the checksum blocks in use. */
  readonly blocks: readonly number[];
}

/** Who signs for this platform: names of key pairs, and what an owner has put in their place. */
export interface PlatformIdentity {
  readonly oca: string;
  readonly pek: string;
  readonly pdh: string;
  /** Certificates that PEK_CERT_IMPORT brought (hexadecimal, 2084 bytes each); null while the platform owns itself. */
  readonly imported: { readonly pek: string; readonly oca: string } | null;
}

/** What the SEV firmware knows of the platform, in its own memory. No cell: nothing was asked of it since the reset. */
export interface PlatformCell {
  readonly sev: SevPlatformState;
  /** INIT asked for SEV-ES. */
  readonly es: boolean;
  /** Live guests. */
  readonly guests: number;
  readonly identity: PlatformIdentity | null;
  readonly tmr: TrustedRegion | null;
  /** The host's buffer that INIT_EX put in the place of the flash memory, as an address with its C-bit; null: flash. */
  readonly nv: { readonly address: number; readonly encrypted: boolean } | null;
  /** SEV-SNP: its platform state, and whether the RMP was written since the reset. */
  readonly snp: 'UNINIT' | 'INIT';
  readonly rmpInitialised: boolean;
  readonly ring: RingBufferState | null;
}

/** Ring-buffer mode: the four pages (a queue and its status page each; the high-priority pair may be missing). */
export interface RingBufferState {
  readonly lowCommands: number;
  readonly lowStatus: number;
  readonly highCommands: number | null;
  readonly highStatus: number | null;
}

/** The firmware's own part of the flash memory: it survives resets. No cell: erased. */
export interface FlashCell {
  readonly identity: PlatformIdentity;
}

/** What an attacker has taken out of the secure processor with old firmware. No cell: nothing. */
export interface TakenCell {
  /** Beside the chip endorsement key, which is that of all versions: TCB version (64 bits, hexadecimal) of the VCEK. */
  readonly vcek: string;
}

/** The mailbox registers, 32 bits each. No cell: nobody has written one since the reset. */
export interface MailboxCell {
  readonly cmdResp: number;
  readonly bufferLow: number;
  readonly bufferHigh: number;
  /** Interrupt enable and status registers of the device; bit 1 is "command complete". */
  readonly interruptEnable: number;
  readonly interruptStatus: number;
  /** The secure processor was made to hang: it does not answer. */
  readonly hung: boolean;
}

/** Legacy guest states; UNINIT has no cell (AMD-ASPFW sev_guest.h). */
export type SevGuestState = 'LUPDATE' | 'LSECRET' | 'RUNNING' | 'SUPDATE' | 'RUPDATE' | 'SENT';

/** SHA-256 on the way: chaining words, what does not fill a block yet (both hexadecimal), bytes so far. */
export interface DigestSoFar {
  readonly state: string;
  readonly pending: string;
  readonly length: number;
}

/**
 * Where a guest's transport keys come from: drawn here under a name, or sent in a session buffer, from which the holder of
 * the PDH can work them out again (point: both coordinates, 48 bytes each; session: 128 bytes; all hexadecimal).
 */
export type TransportSource =
  | { readonly by: 'firmware'; readonly name: string }
  | { readonly by: 'session'; readonly pdh: string; readonly point: string; readonly session: string };

/** A guest as the firmware keeps it, `handle/N`. Keys are named, never stored. */
export interface HandleCell {
  readonly state: SevGuestState;
  /** 32 bits. */
  readonly policy: number;
  /** 0 while it has none. */
  readonly asid: number;
  readonly activation: 'inactive' | 'pending' | 'active';
  /** Core complexes on which it may run: one bit each. */
  readonly complexes: number;
  readonly es: boolean;
  /** VMSAs that were measured or received, and their checksum blocks. */
  readonly vcpus: number;
  readonly blocks: readonly number[];
  /** Name of the seed from which its memory key is derived, and of the key for swapped pages. */
  readonly vek: string;
  readonly oek: string;
  /** Next initialisation vector of a swapped page. */
  readonly swaps: number;
  /** The launch digest while it grows, and when it is closed (hexadecimal). */
  readonly digest: DigestSoFar | null;
  readonly launchDigest: string | null;
  /** The measurement of LAUNCH_MEASURE (hexadecimal): LAUNCH_SECRET binds secrets to it. */
  readonly measurement: string | null;
  readonly transport: TransportSource | null;
}

/** What the firmware keeps for an ASID: one bit a core complex. */
export interface AsidMasks {
  readonly dirty: number;
  readonly clean: number;
  readonly allocated: number;
  readonly inUse: number;
}

/** The masks of all ASIDs that have no cell `asid/N` of their own: nobody holds them, so they are dirty or clean. */
export interface AsidsCell {
  readonly dirty: number;
  readonly clean: number;
}

/** SYSCFG as all cores have it (APM vol. 2 §15.36.3). No cell: SNPEn is clear. */
export interface SyscfgCell {
  readonly snpEn: boolean;
  /** VMPLEn; absent: as SNPEn. */
  readonly vmplEn?: boolean;
  /** Bit 19, MtrrFixDramModEn; absent: set. */
  readonly mfdm?: boolean;
  /** HWCR.SmmLock; absent: set, as the machine’s BIOS leaves it (modelled). */
  readonly smmLock?: boolean;
}

/** WBINVD_DONE, a flag a thread that microcode sets: one bit each, 32 threads a word. */
export interface WbinvdCell {
  readonly done: readonly number[];
}
