/** What an ASID is wanted for; the encrypted kinds need numbers of their own ranges. */
export const GUEST_KINDS = ['plain', 'sev', 'sev-es', 'sev-snp'] as const;
export type GuestKind = (typeof GUEST_KINDS)[number];

export const isEncrypted = (kind: GuestKind): boolean => kind !== 'plain';

/** A vCPU of a domain, both by number; as a key of records `d1v0`. */
export type VcpuKey = `d${number}v${number}`;
export const vcpuKey = (domain: number, vcpu: number): VcpuKey => `d${domain}v${vcpu}`;

interface OnCpu {
  readonly cpu: number;
  readonly domain: number;
  readonly vcpu: number;
}

/** What happens to both allocators alike; each makes of it what its code does. CPUs, domains and vCPUs by number. */
export type AsidEvent =
  /** A context switch to this vCPU, then VMRUN. */
  | ({ readonly event: 'schedule' } & OnCpu)
  /** VMRUN again, without a switch. */
  | ({ readonly event: 'vmentry' } & OnCpu)
  /** INVLPG or a CR3 write that Xen emulates, or a flush that the guest asks for (HVMOP_flush_tlbs). */
  | { readonly event: 'flushVcpu'; readonly domain: number; readonly vcpu: number }
  /** FLUSH_HVM_ASID_CORE on one CPU. */
  | { readonly event: 'flushCore'; readonly cpu: number }
  /** A change of the domain's p2m. */
  | { readonly event: 'flushDomain'; readonly domain: number }
  | {
      readonly event: 'createDomain';
      readonly domain: number;
      readonly kind: GuestKind;
      readonly vcpus: number;
    }
  | { readonly event: 'destroyDomain'; readonly domain: number };

/** VMCB.TLB_CONTROL (offset 5Ch) as Xen writes it before a VMRUN (xen/arch/x86/hvm/svm/vmcb.h). */
export const TLB_CONTROL = { NO_FLUSH: 0, FLUSH_ALL: 1, FLUSH_ASID: 3 } as const;
export type TlbControl = keyof typeof TLB_CONTROL;

/** The two fields of the VMCB that an allocator decides, at a VMRUN. */
export interface VmcbTag {
  readonly asid: number;
  readonly tlbControl: TlbControl;
  /** Why these, in a sentence. */
  readonly why: string;
}

/** Counts since the allocator began. */
export interface AsidCounters {
  /** Numbers handed out. */
  readonly handedOut: number;
  /** Generations begun, by a context switch, a flush or a wrap; only the per-CPU allocator has them. */
  readonly generations: number;
  readonly vmruns: number;
  /** VMRUNs by what they flushed: every ASID's entries, or this one's. */
  readonly flushAll: number;
  readonly flushAsid: number;
}

export const NO_COUNTS: AsidCounters = {
  handedOut: 0,
  generations: 0,
  vmruns: 0,
  flushAll: 0,
  flushAsid: 0,
};

/** The counts after one more VMRUN. */
export const countVmrun = (counters: AsidCounters, control: TlbControl): AsidCounters => ({
  ...counters,
  vmruns: counters.vmruns + 1,
  flushAll: counters.flushAll + (control === 'FLUSH_ALL' ? 1 : 0),
  flushAsid: counters.flushAsid + (control === 'FLUSH_ASID' ? 1 : 0),
});
