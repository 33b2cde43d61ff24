import type {
  AsidMasks,
  AsidsCell,
  FlashCell,
  HandleCell,
  MailboxCell,
  PlatformCell,
  SyscfgCell,
  TakenCell,
  WbinvdCell,
} from './aspCells';
import type { FrameRun } from './frameRun';
import type { GuestOsCell } from './guestCells';
import type { IbsCell, ProfilesCell } from './ibsCells';
import type { HwcrCell, RacingCell, RoutesCell, StackEngineCell, StickCell } from './machineCells';
import type { RegistersCell } from './registers';
import type { RmpCell } from './rmpCells';
import type { ContextCell, IommuCell, SnpCell, TcbCell } from './snpCells';
import type { TracesCell, WatchCell } from './traceCells';

/** One processor core: what it runs and the paging state that translates its accesses. */
export interface CoreCell {
  readonly complex: number;
  /** Domain whose VMCB it runs, or null in host mode, and which of its vCPUs. */
  readonly domain: number | null;
  readonly vcpu: number;
  /** ASID in force: 0 in host mode. */
  readonly asid: number;
  /** VMCB bits in force since the last VMRUN: SEV, SEV-ES, virtual transparent encryption, nested paging. */
  readonly sev: boolean;
  /** VMCB bit 2: the guest's state comes from its VMSA and goes there. */
  readonly es: boolean;
  /** SPA of the VMSA that VMRUN loaded; 0 without SEV-ES. */
  readonly vmsa: number;
  /** SEV_FEATURES.SNPActive of that VMSA: the RMP checks its accesses as those of an SNP guest. */
  readonly snp: boolean;
  /** Its VMPL, 0 to 3; 0 without SNP. */
  readonly vmpl: number;
  readonly vte: boolean;
  readonly nestedPaging: boolean;
  /** Root of the host's tables as the core holds it (CR3 with its C-bit as `cr3C`). */
  readonly hostCr3: number;
  readonly hostCr3C: boolean;
  /** nCR3 in force, and its C-bit; without nested paging CR3, which then is the hypervisor's (shadow tables). */
  readonly nestedCr3: number;
  readonly nestedCr3C: boolean;
  /** Guest CR3 (a GPA, and the C-bit if the guest set it) and CR0.PG in force. */
  readonly guestCr3: number;
  readonly guestPaging: boolean;
  /** By ASID: TLB_ID of the VMSA whose translations the core holds. Absent: it has run no SNP guest. */
  readonly tlbIds?: Readonly<Record<number, number>>;
}

/** A domain as the hypervisor keeps it. Guests’ numbers begin at 1, and the list is dense. */
export interface DomainCell {
  readonly id: number;
  /** Lower-case name, unique among the living: `alice`. */
  readonly name: string;
  readonly alive: boolean;
  readonly asid: number;
  readonly sev: boolean;
  readonly type: 'pv' | 'pvh' | 'hvm';
  /** What the secure processor calls it, and the policy it was launched with; null without encryption. */
  readonly handle: number | null;
  readonly policy: number | null;
  /** It has SEV-SNP: no handle, but a page of the firmware’s as context (its SPA, null before and without). */
  readonly snp: boolean;
  readonly context: number | null;
  /** SEV_FEATURES that its VMSAs have beside SNPActive. Absent: none. */
  readonly sevFeatures?: number;
  /** A monitor of ours runs at VMPL0, and the kernel below it. */
  readonly svsm?: true;
  /**
   * It starts from a firmware image, which lies in guest frames of its own, below 4 GiB: behind those of `memory` in `frames`.
   * Xen has its vCPUs’ registers from Domain-0, as pages.
   */
  readonly firmware?: { readonly gfn: number; readonly pages: number };
  /** Launch digest of an SNP guest when its launch was finished, 48 bytes as hexadecimal; Xen itself is not told it. */
  readonly launchDigest: string | null;
  /** What SNP_LAUNCH_FINISH is to be told: SPAs of the ID block and of who vouches for it, and the host’s 32 bytes (hexadecimal). */
  readonly identity?: {
    readonly block: number | null;
    readonly auth: number | null;
    readonly author: boolean;
    readonly hostData: string | null;
  };
  /** What LAUNCH_MEASURE answered, 48 bytes as hexadecimal: the measurement and its nonce; null before. */
  readonly measurement: string | null;
  /** Nobody has let it run since it was created, or somebody has stopped it. */
  readonly paused: boolean;
  /** Its launch is over: the hardware takes its ASID. Always so without encryption once it has been unpaused. */
  readonly finished: boolean;
  /** Bytes of guest physical memory, from GPA 0. */
  readonly memory: number;
  readonly frames: readonly FrameRun[];
  /** SPAs of the VMCBs of its vCPUs, and of the root of the nested tables. */
  readonly vmcbs: readonly number[];
  /** SPAs of the pages where Xen keeps each vCPU's `struct cpu_user_regs`. */
  readonly userRegs: readonly number[];
  readonly nestedRoot: number;
  /** Core on which its first vCPU is scheduled. */
  readonly core: number;
  /** SPAs of its vCPUs’ VMSAs; empty without SEV-ES. */
  readonly vmsas: readonly number[];
  /** Frames of the hypervisor that hold its VMCB and nested tables. */
  readonly tableFrames: readonly FrameRun[];
}

/** One VMSA of a vCPU: a VMPL has one of its own. */
export interface LevelCell {
  readonly vmpl: number;
  /** SPA, and the GPA at which the guest made it; null: the one that was launched. */
  readonly spa: number;
  readonly gpa: number | null;
  /** MSR C001_0130 (hexadecimal) and the registered GHCB of this level, while another one runs. */
  readonly ghcb: string;
  readonly registered: number | null;
  /** It runs from the next INIT on. */
  readonly onInit?: true;
}

/** The time-stamp counter. No cell: nobody has read it since the machine was made. */
export interface ClockCell {
  readonly tsc: number;
}

/** What the hypervisor makes of each of a domain's vCPUs beside their registers. No cell: all as after creation. */
export interface VcpusCell {
  readonly vcpus: readonly {
    /** `waits`: not started yet, or parked until another one wakes it (AP reset hold). */
    readonly state: 'runs' | 'halted' | 'waits';
    /** Vector of a startup IPI that it has not taken yet. */
    readonly startup: number | null;
    /** Registers of its local APIC: task priority, and where it sends commands. */
    readonly tpr: number;
    readonly destination: number;
    /** VMPL at which it runs, and the VMSAs that Xen has for it. Absent: 0, and the one that was launched. */
    readonly vmpl?: number;
    readonly levels?: readonly LevelCell[];
    /** GPA of its doorbell page, as the guest has told it. */
    readonly doorbell?: number | null;
    /** Core to which it is pinned. Absent: the first one is where the domain is, the others are behind. */
    readonly core?: number;
  }[];
  /** GPAs of the GHCBs that the vCPUs of an SNP guest have registered, by vCPU. */
  readonly registered?: Readonly<Record<number, number>>;
  /** GPA of the AP jump table, as the guest has told it. */
  readonly jumpTable: number | null;
  /** What it answers in place of the truth. */
  readonly lies: readonly Lie[];
  /** It asks for no flush of the TLB before it enters the guest, whatever its ASID allocator wants. */
  readonly withholdsFlush?: true;
  /** What it does in place of page state changes. Absent: what it is asked. */
  readonly pageStates?: PageStateCheat;
}

/** Nothing, or an assignment to another guest or for another address; it says that it is done. */
export type PageStateCheat = 'nothing' | 'other-guest' | 'other-address';

/** An answer that the hypervisor changes. */
export interface Lie {
  /** Reason of the exit. */
  readonly exit: number;
  /** Which register or GHCB field, and its value (hexadecimal); null: it does not mark the field valid. */
  readonly field: string;
  readonly value: string | null;
}

/** Xen’s two ASID allocators, run on the same events (`xen/asids`); their states are the allocators’ own records. */
export interface AllocatorsCell {
  readonly today: object;
  readonly proposed: object;
}

/** Xen's driver of the secure processor. No cell: the driver found nothing, or this Xen has none. */
export interface DriverCell {
  readonly state: 'ready' | 'dead';
  readonly api: string;
  /** SPAs of a page for command buffers, and of two pages for what commands read and write. */
  readonly buffer: number;
  readonly data: number;
  /** How it waits for the end of a command. */
  readonly wait: 'poll' | 'interrupt';
  /** SPA of the trusted memory region that it set aside at INIT; absent: without SEV-ES. */
  readonly region?: number;
  /** SNP is initialised: SPA of a second page for command buffers, for while the first is the firmware’s. Absent: without SNP. */
  readonly spare?: number;
}

/**
 * What lies in Domain-0's /etc/xen beside what was installed there, its pages with what guests’ owners sent, and the dropped
 * files in /boot, each named by the SHA-256 of its bytes.
 */
export interface Dom0Cell {
  readonly files: readonly { readonly name: string; readonly text: string }[];
  readonly images?: readonly { readonly name: string; readonly blob: string }[];
  readonly letters: readonly { readonly guest: string; readonly page: number }[];
}

/** A guest that its owner wants to be started somewhere: what they remember of it. Their keys are only named. */
export interface OwnerSession {
  readonly guest: string;
  /** Begins the names of what was drawn for it: transport keys, nonce, initialisation vector. */
  readonly name: string;
  readonly policy: number;
  /** The command line that the image is to be started with. */
  readonly cmdline: string;
  /** How many vCPUs and how many bytes of memory it is to have: of SEV-ES their first registers are measured. Absent: SEV. */
  readonly registers?: { readonly vcpus: number; readonly memory: number };
  /** What they were shown as the measurement (48 bytes, hexadecimal), and what they make of it; null before. */
  readonly shown: { readonly measurement: string; readonly right: boolean } | null;
}

/** The guests' owner, far away. No cell: nobody has asked them yet. */
export interface OwnerCell {
  /** One for each guest's name, the newest last. */
  readonly sessions: readonly OwnerSession[];
  /** How often they have drawn something at random. */
  readonly drawn: number;
}

/** Xen's console ring, oldest line first, as `xl dmesg` prints it. */
export interface ConsoleRingCell {
  readonly lines: readonly string[];
}

/** Frames that nobody uses, and how many guests were ever created. */
export interface XenCell {
  /** Xen's own heap, from which tables and control blocks come. */
  readonly heap: readonly FrameRun[];
  /** The domain heap, from which guests' memory comes. */
  readonly free: readonly FrameRun[];
  readonly domains: number;
  /** Root of the host's page tables. */
  readonly hostRoot: number;
  /** Two blocks of a guest's first memory, GPAs in one page, that Xen exchanges at each launch. Absent: none. */
  readonly swap?: readonly [number, number];
}

/** The secure processor, as far as this machine needs it: it makes the keys. */
export interface AspCell {
  /** How often the machine was reset: each reset makes new keys. */
  readonly resets: number;
  /** How many keys were made since. */
  readonly serial: number;
}

/** A key slot of the memory controller. The cell names the key; its bytes exist only inside the ASP's key store. */
export interface SlotCell {
  readonly keyId: string;
  /** `keyId` names a guest's seed, and this is the memory channel for which the key is derived from it; absent: the key itself. */
  readonly channel?: number;
}

/** The CPUID registers that say what this processor can do with encrypted memory. */
export interface CpuidCell {
  readonly fn8000001f: {
    readonly eax: number;
    readonly ebx: number;
    readonly ecx: number;
    readonly edx: number;
  };
  readonly fn80000008eax: number;
}

/** Is the machine on? Without power the DRAM keeps its bytes for a while and everything else is gone. */
export interface PowerCell {
  readonly on: boolean;
}

/** A device: the domain whose nested tables its IOMMU entry uses, or null for the host's view. */
export interface DeviceCell {
  readonly domain: number | null;
}

/** Small state, one record a key; a record is replaced whole by a change, never edited in place. */
export interface CellTypes {
  core: CoreCell;
  /** What the registers of a core hold, the guest's or the host's. */
  registers: RegistersCell;
  vcpus: VcpusCell;
  clock: ClockCell;
  domain: DomainCell;
  guest: GuestOsCell;
  xen: XenCell;
  allocators: AllocatorsCell;
  driver: DriverCell;
  dom0: Dom0Cell;
  owner: OwnerCell;
  ring: ConsoleRingCell;
  asp: AspCell;
  slot: SlotCell;
  cpuid: CpuidCell;
  power: PowerCell;
  device: DeviceCell;
  platform: PlatformCell;
  flash: FlashCell;
  mailbox: MailboxCell;
  handle: HandleCell;
  asids: AsidsCell;
  asid: AsidMasks;
  wbinvd: WbinvdCell;
  syscfg: SyscfgCell;
  rmp: RmpCell;
  snp: SnpCell;
  tcb: TcbCell;
  iommu: IommuCell;
  context: ContextCell;
  hwcr: HwcrCell;
  stackEngine: StackEngineCell;
  ibs: IbsCell;
  profiles: ProfilesCell;
  stick: StickCell;
  racing: RacingCell;
  routes: RoutesCell;
  taken: TakenCell;
  watch: WatchCell;
  traces: TracesCell;
}

export type CellKind = keyof CellTypes;
/** `core/0`, `domain/1`, `slot/0`; the kinds that exist once use number 0. */
export type CellKey = `${CellKind}/${number}`;
export type Cells = { readonly [K in CellKind as `${K}/${number}`]: CellTypes[K] };
