import type { FrameRun } from './frameRun';

/** An event as EVENTINJ describes it: vector, type (`cpu/eventInj.ts`), and an error code or none. */
export interface ArrivedEvent {
  readonly vector: number;
  readonly type: number;
  readonly errorCode: number | null;
}

/** Something the guest's OS has allocated. */
export interface GuestObject {
  readonly name: string;
  readonly kind: 'bytes' | 'text' | 'picture' | 'code' | 'tables' | 'bounce';
  /** Guest virtual address and length in bytes. */
  readonly address: number;
  readonly length: number;
  /** Pixels, for a picture: 4 bytes each, red green blue alpha, row by row. */
  readonly width?: number;
  readonly height?: number;
}

/** A process of a guest: an address space of its own below the kernel’s. */
export interface ProcessCell {
  readonly name: string;
  /** GPA of the root of its page tables. */
  readonly root: number;
  /** Its pages: GVA, and the GPA that the kernel has put there. */
  readonly pages: readonly { readonly at: number; readonly gpa: number }[];
}

/** A program that a guest has loaded. */
export interface ProgramCell {
  readonly name: string;
  readonly text: string;
  /** GVA of its first byte, and how many there are. */
  readonly address: number;
  readonly length: number;
  /** Which bytes each line of the text became; lines from 1. */
  readonly lines: readonly { readonly line: number; readonly offset: number; readonly length: number }[];
  /** Lines at which it is to stop. */
  readonly breaks: readonly number[];
}

/** How the kernel's #VC handler behaves. */
export interface HandlerCell {
  /** It checks what the hypervisor answers before it uses it. */
  readonly checks: boolean;
  /** Which registers it puts into the GHCB. */
  readonly shares: 'needed' | 'everything';
  /** Where an SNP guest’s CPUID comes from; absent: from the page that the firmware checked. */
  readonly cpuid?: 'page' | 'hypervisor';
}

/** What a guest’s kernel knows of the monitor at VMPL0 above it, and the monitor of itself. */
export interface MonitorCell {
  /** VMPL of the kernel. */
  readonly vmpl: number;
  /** GVAs: the monitor’s own pages, the VMSA of the kernel’s first vCPU, and the calling area, which both use. */
  readonly own: number;
  readonly ownLength: number;
  readonly vmsa: number;
  readonly area: number;
  /** GPA of the root of the monitor’s page tables. */
  readonly root: number;
}

/** A guest's own operating system: what it knows of its memory. */
export interface GuestOsCell {
  readonly domain: number;
  /** GPA of the root of its page tables. */
  readonly root: number;
  readonly tablePages: readonly number[];
  /** Next free GPA. */
  readonly nextData: number;
  readonly objects: readonly GuestObject[];
  /** GPA page numbers that it has made shared. */
  readonly shared: readonly number[];
  /** GVAs of the shared pages in which its vCPUs talk to the hypervisor; absent without SEV-ES. */
  readonly ghcbs?: readonly number[];
  /** vCPUs of an SNP guest whose GHCBs the kernel has registered. */
  readonly registered?: readonly number[];
  readonly handler?: HandlerCell;
  /** GPA pages that the kernel of an SNP guest has accepted or found accepted, as runs; absent without SNP. */
  readonly accepted?: readonly FrameRun[];
  /** Units of 2 MiB, by number, that a lazy kernel has not accepted yet; absent: it accepts all at its start. */
  readonly unaccepted?: readonly FrameRun[];
  /** Where it was agreed at the start that the C-bit lies. */
  readonly cBit?: number;
  /** It has been told that there is no encryption, believes it, and sets no C-bit any more. */
  readonly believesPlain?: boolean;
  /** Where it has been told by CPUID that the C-bit lies; absent: nowhere else than it is. */
  readonly believesCBit?: number;
  readonly program?: ProgramCell;
  readonly processes?: readonly ProcessCell[];
  /** By vCPU: the process that the kernel runs there. */
  readonly running?: Readonly<Record<number, string>>;
  /** Absent: nobody stands above the kernel. */
  readonly monitor?: MonitorCell;
  /** By vCPU: an event that hardware has delivered and that no handler has taken yet. */
  readonly arrived?: Readonly<Record<number, ArrivedEvent>>;
  /** GVAs of the program’s own handlers, by vector. */
  readonly handlers?: Readonly<Record<number, number>>;
  /** GVAs of the doorbell pages of its vCPUs. */
  readonly doorbells?: Readonly<Record<number, number>>;
}
