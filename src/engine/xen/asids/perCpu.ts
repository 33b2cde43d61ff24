import {
  type AsidCounters,
  type AsidEvent,
  countVmrun,
  NO_COUNTS,
  type TlbControl,
  type VcpuKey,
  type VmcbTag,
  vcpuKey,
} from './events';

/** What the allocator is told when a CPU comes up (svm_asid_init, hvm_asid_init). */
export interface PerCpuParams {
  /** ASIDs in all, the host's 0 included: CPUID Fn8000_000A[EBX]. */
  readonly asids: number;
  readonly cpus: number;
  readonly flushByAsid: boolean;
  /** The `asid` option of Xen's command line; also false with erratum 170. */
  readonly enabled: boolean;
  /** The defect of 64b1da5a2f … 68871b1f9b (2020 to 2025): a wrap flushed only the new ASID 1. */
  readonly wrapBug: boolean;
}

/** `struct hvm_asid_data`, one a physical CPU. */
export interface CoreAsids {
  /** Generation 0 is no core's: it marks a vCPU's number as stale. */
  readonly generation: number;
  readonly nextAsid: number;
  readonly maxAsid: number;
  readonly disabled: boolean;
  /** The vCPU whose context is loaded, for flushes of a whole domain. */
  readonly current: VcpuKey | null;
}

/** `struct hvm_vcpu_asid`, and the CPU on which the vCPU last resumed (`launch_core`). */
export interface VcpuAsid {
  readonly asid: number;
  readonly generation: number;
  readonly launchCore: number | null;
}

/** Xen's allocator of today, as plain records. */
export interface PerCpuState {
  readonly params: PerCpuParams;
  readonly cores: readonly CoreAsids[];
  readonly vcpus: { readonly [key: VcpuKey]: VcpuAsid };
  readonly counters: AsidCounters;
}

export interface PerCpuStep {
  readonly state: PerCpuState;
  readonly vmcb: VmcbTag | null;
}

const FRESH: VcpuAsid = { asid: 0, generation: 0, launchCore: null };

/** Stands for 2^64 − 1, at which the counter would come back to 0 and Xen stops using ASIDs on that CPU. */
const LAST_GENERATION = Number.MAX_SAFE_INTEGER;

export function startPerCpu(params: PerCpuParams): PerCpuState {
  const core: CoreAsids = {
    generation: 1,
    nextAsid: 1,
    maxAsid: params.asids - 1,
    disabled: !params.enabled || params.asids <= 1,
    current: null,
  };
  const cores = Array.from({ length: params.cpus }, () => core);
  return { params, cores, vcpus: {}, counters: NO_COUNTS };
}

/**
 * Today's allocator: a number is only a TLB tag, handed out afresh whenever a flush would be due (xen.md A;
 * xen/arch/x86/hvm/asid.c, svm/asid.c). A stale generation alone never flushes; only number 1 does.
 */
export function perCpu(state: PerCpuState, event: AsidEvent): PerCpuStep {
  switch (event.event) {
    case 'schedule':
      return enter(bumpCore(state, event.cpu), event);
    case 'vmentry':
      return enter(state, event);
    case 'flushVcpu': {
      const key = vcpuKey(event.domain, event.vcpu);
      return quietly(withVcpu(state, key, { ...vcpuOf(state, key), generation: 0 }));
    }
    case 'flushCore':
      return quietly(bumpCore(state, event.cpu));
    case 'flushDomain':
      return quietly(bumpCoresOf(state, event.domain));
    case 'createDomain': {
      const keys = Array.from({ length: event.vcpus }, (_, vcpu) => vcpuKey(event.domain, vcpu));
      return quietly(keys.reduce((next, key) => withVcpu(next, key, FRESH), state));
    }
    case 'destroyDomain':
      return quietly(without(state, event.domain));
  }
}

const quietly = (state: PerCpuState): PerCpuStep => ({ state, vmcb: null });

const belongsTo = (key: string, domain: number): boolean => key.startsWith(`d${domain}v`);

const vcpuOf = (state: PerCpuState, key: VcpuKey): VcpuAsid => state.vcpus[key] ?? FRESH;

/** @throws when there is no such CPU. */
function coreOf(state: PerCpuState, cpu: number): CoreAsids {
  const core = state.cores[cpu];
  if (!core) throw new Error(`there is no CPU ${cpu}`);
  return core;
}

const withVcpu = (state: PerCpuState, key: VcpuKey, vcpu: VcpuAsid): PerCpuState => ({
  ...state,
  vcpus: { ...state.vcpus, [key]: vcpu },
});

const withCore = (state: PerCpuState, cpu: number, core: CoreAsids): PerCpuState => ({
  ...state,
  cores: state.cores.with(cpu, core),
});

/** `hvm_asid_flush_core`: every vCPU takes a new number at its next VMRUN here. */
function bumpCore(state: PerCpuState, cpu: number): PerCpuState {
  const core = coreOf(state, cpu);
  if (core.disabled) return state;
  const counters = { ...state.counters, generations: state.counters.generations + 1 };
  return { ...withCore(state, cpu, nextGeneration(core)), counters };
}

const nextGeneration = (core: CoreAsids): CoreAsids =>
  core.generation === LAST_GENERATION
    ? { ...core, generation: 0, disabled: true }
    : { ...core, generation: core.generation + 1 };

/** `guest_flush_tlb_mask` on the CPUs that may hold translations of the domain. */
function bumpCoresOf(state: PerCpuState, domain: number): PerCpuState {
  const dirty = [...state.cores.keys()].filter((cpu) => {
    const { current } = coreOf(state, cpu);
    return current !== null && belongsTo(current, domain);
  });
  return dirty.reduce(bumpCore, state);
}

function without(state: PerCpuState, domain: number): PerCpuState {
  const vcpus = Object.fromEntries(Object.entries(state.vcpus).filter(([key]) => !belongsTo(key, domain)));
  const cores = state.cores.map((core) =>
    core.current !== null && belongsTo(core.current, domain) ? { ...core, current: null } : core,
  );
  return { ...state, vcpus, cores };
}

/** `svm_do_resume`, then `svm_asid_handle_vmrun` with `hvm_asid_handle_vmenter`; the numbers are xen.md A.3's. */
function enter(before: PerCpuState, where: { cpu: number; domain: number; vcpu: number }): PerCpuStep {
  const { cpu } = where;
  const key = vcpuKey(where.domain, where.vcpu);
  const last = vcpuOf(before, key);
  const moved = last.launchCore !== null && last.launchCore !== cpu;
  const vcpu: VcpuAsid = { ...last, generation: moved ? 0 : last.generation, launchCore: cpu };
  const core: CoreAsids = { ...coreOf(before, cpu), current: key };
  const state = withCore(before, cpu, core);
  const { flushByAsid } = state.params;

  // 1, 6
  if (core.disabled) {
    const tlbControl = flushByAsid ? 'FLUSH_ASID' : 'FLUSH_ALL';
    const why = 'ASIDs are not used here: number 1 every time, and flushed';
    return run(withVcpu(state, key, { ...vcpu, asid: 0 }), { asid: 1, tlbControl, why });
  }
  // 2
  if (vcpu.generation === core.generation) {
    const why = 'its number is of the current generation';
    return run(withVcpu(state, key, vcpu), { asid: vcpu.asid, tlbControl: 'NO_FLUSH', why });
  }
  // 3
  const exhausted = core.nextAsid > core.maxAsid;
  const from = exhausted ? { ...nextGeneration(core), nextAsid: 1 } : core;
  // 4
  const asid = from.nextAsid;
  const handed = withVcpu(withCore(state, cpu, { ...from, nextAsid: asid + 1 }), key, {
    ...vcpu,
    asid,
    generation: from.generation,
  });
  const counters = {
    ...handed.counters,
    handedOut: handed.counters.handedOut + 1,
    generations: handed.counters.generations + (exhausted ? 1 : 0),
  };
  // 5, 7
  return run({ ...handed, counters }, tagFor(asid, exhausted, state.params));
}

function tagFor(asid: number, exhausted: boolean, { wrapBug, flushByAsid }: PerCpuParams): VmcbTag {
  if (asid !== 1) {
    const why = 'its number was stale: it gets the next one, which nobody has used in this round';
    return { asid, tlbControl: 'NO_FLUSH', why };
  }
  const tlbControl: TlbControl = wrapBug && flushByAsid ? 'FLUSH_ASID' : 'FLUSH_ALL';
  const flushed = tlbControl === 'FLUSH_ALL' ? 'the whole TLB is flushed' : 'only number 1 is flushed';
  const why = exhausted ? 'the numbers are used up and begin again' : 'the first number of this CPU';
  return { asid, tlbControl, why: `${why}: ${flushed}` };
}

const run = (state: PerCpuState, vmcb: VmcbTag): PerCpuStep => ({
  state: { ...state, counters: countVmrun(state.counters, vmcb.tlbControl) },
  vmcb,
});
