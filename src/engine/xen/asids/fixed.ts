import { freeIn, insert, without } from './bitmap';
import {
  type AsidCounters,
  type AsidEvent,
  countVmrun,
  type GuestKind,
  isEncrypted,
  NO_COUNTS,
  type VcpuKey,
  type VmcbTag,
  vcpuKey,
} from './events';
import { type AsidCpuid, FALLBACK_ASID, xenRanges } from './ranges';

/** What the allocator is told at boot (hvm_asid_init, once for all CPUs). */
export interface FixedParams extends AsidCpuid {
  readonly flushByAsid: boolean;
  /** The `asid` option; with it off every ordinary guest shares ASID 1. */
  readonly enabled: boolean;
  /** First number for ordinary guests; the clean value is ECX + 1. */
  readonly plainMin: number;
  /** The series of 2025-05-16 without DF_FLUSH: an encrypted guest's number is never given back. */
  readonly leakEncrypted: boolean;
}

export interface FixedDomain {
  readonly asid: number;
  readonly kind: GuestKind;
  readonly vcpus: number;
}

export interface FixedVcpu {
  readonly launchCore: number | null;
  /** `vcpu.needs_tlb_flush` */
  readonly needsFlush: boolean;
}

/** The proposed xen-wide allocator, as plain records. */
export interface FixedState {
  readonly params: FixedParams;
  /** The bitmap: numbers that may not be handed out, ascending; 0 and 1 for good. */
  readonly taken: readonly number[];
  /** By domain number. */
  readonly domains: { readonly [domain: string]: FixedDomain };
  readonly vcpus: { readonly [key: VcpuKey]: FixedVcpu };
  /** `domain->latest_vcpu[cpu]`, by `<domain>@<cpu>`: which of its vCPUs ran there last. */
  readonly latestVcpu: { readonly [domainAtCpu: string]: number };
  readonly counters: AsidCounters;
}

/** What Xen has the firmware do for an encrypted guest; WBINVD is the CPUs' part of it. */
export type FirmwareStep =
  | { readonly command: 'LAUNCH_START' | 'DEACTIVATE' | 'DF_FLUSH' | 'DECOMMISSION' | 'WBINVD' }
  | { readonly command: 'ACTIVATE'; readonly asid: number };

/** What became of an event. */
export interface FixedStep {
  readonly state: FixedState;
  readonly vmcb: VmcbTag | null;
  /** Of a creation: the number, and whether it is the shared fallback; or why there is no domain. */
  readonly created: { readonly asid: number; readonly shared: boolean } | { readonly error: 'ENOSPC' } | null;
  readonly freed: number | null;
  readonly firmware: readonly FirmwareStep[];
}

export const startFixed = (params: FixedParams): FixedState => ({
  params,
  taken: [0, FALLBACK_ASID],
  domains: {},
  vcpus: {},
  latestVcpu: {},
  counters: NO_COUNTS,
});

/**
 * The allocator of “[RFC PATCH 0/7] x86: Use a single fixed ASID per domain” (xen-devel, 2026-04-15; xen.md B.3) with
 * the ranges that encrypted guests need (2025-05-16; B.4): one number a domain for all its vCPUs on all CPUs, as long
 * as it lives, and a flush only where address spaces could mix.
 */
export function fixed(state: FixedState, event: AsidEvent): FixedStep {
  switch (event.event) {
    case 'schedule':
    case 'vmentry':
      return enter(state, event);
    case 'flushVcpu':
      return quietly(flagged(state, [vcpuKey(event.domain, event.vcpu)]));
    case 'flushDomain':
      return quietly(flagged(state, vcpusOf(event.domain, domainOf(state, event.domain).vcpus)));
    case 'flushCore':
      return quietly(state);
    case 'createDomain':
      return create(state, event.domain, { kind: event.kind, vcpus: event.vcpus });
    case 'destroyDomain':
      return destroy(state, event.domain);
  }
}

const quietly = (state: FixedState): FixedStep => ({
  state,
  vmcb: null,
  created: null,
  freed: null,
  firmware: [],
});

const vcpusOf = (domain: number, vcpus: number): VcpuKey[] =>
  Array.from({ length: vcpus }, (_, vcpu) => vcpuKey(domain, vcpu));

/** @throws when there is no such domain. */
function domainOf(state: FixedState, domain: number): FixedDomain {
  const found = state.domains[domain];
  if (!found) throw new Error(`there is no domain ${domain}`);
  return found;
}

/** @throws when there is no such vCPU. */
function vcpuOf(state: FixedState, key: VcpuKey): FixedVcpu {
  const found = state.vcpus[key];
  if (!found) throw new Error(`there is no vCPU ${key}`);
  return found;
}

const flagged = (state: FixedState, keys: readonly VcpuKey[]): FixedState => ({
  ...state,
  vcpus: {
    ...state.vcpus,
    ...Object.fromEntries(keys.map((key) => [key, { ...vcpuOf(state, key), needsFlush: true }])),
  },
});

/**
 * A number for a new domain. The code as posted returns an error when there is none; its cover letter says ASID 1, which
 * is modelled for ordinary guests. An encrypted one can never share: its key is bound to the number.
 */
function choose({ params, taken }: FixedState, kind: GuestKind): number | null {
  const { asids, enabled, plainMin } = params;
  if (!isEncrypted(kind)) {
    if (!enabled || asids <= 1) return FALLBACK_ASID;
    const first = FALLBACK_ASID + 1;
    return freeIn(taken, [plainMin, asids - 1]) ?? freeIn(taken, [first, plainMin - 1]) ?? FALLBACK_ASID;
  }
  const { sev, sevEsOrSnp } = xenRanges(params);
  const own = kind === 'sev' ? sev : sevEsOrSnp;
  return enabled && own ? freeIn(taken, own) : null;
}

function create(state: FixedState, domain: number, what: Omit<FixedDomain, 'asid'>): FixedStep {
  if (state.domains[domain]) throw new Error(`there is a domain ${domain} already`);
  const asid = choose(state, what.kind);
  if (asid === null) return { ...quietly(state), created: { error: 'ENOSPC' } };
  const shared = asid === FALLBACK_ASID;
  const fresh: FixedVcpu = { launchCore: null, needsFlush: true };
  const vcpus = vcpusOf(domain, what.vcpus).map((key) => [key, fresh]);
  const { counters } = state;
  const next: FixedState = {
    ...state,
    taken: insert(state.taken, asid),
    domains: { ...state.domains, [domain]: { asid, ...what } },
    vcpus: { ...state.vcpus, ...Object.fromEntries(vcpus) },
    counters: { ...counters, handedOut: counters.handedOut + (shared ? 0 : 1) },
  };
  const firmware: FirmwareStep[] = isEncrypted(what.kind)
    ? [{ command: 'LAUNCH_START' }, { command: 'ACTIVATE', asid }]
    : [];
  return { ...quietly(next), created: { asid, shared }, firmware };
}

/** The flag of a freed number's next owner makes old TLB entries harmless; old cache lines need the flushes (D.2). */
function destroy(state: FixedState, domain: number): FixedStep {
  const { asid, kind } = domainOf(state, domain);
  const encrypted = isEncrypted(kind);
  const leaked = encrypted && state.params.leakEncrypted;
  const freed = asid === FALLBACK_ASID || leaked ? null : asid;
  const next: FixedState = {
    ...state,
    taken: freed === null ? state.taken : without(state.taken, freed),
    domains: omit(state.domains, (key) => key === String(domain)),
    vcpus: omit(state.vcpus, (key) => key.startsWith(`d${domain}v`)),
    latestVcpu: omit(state.latestVcpu, (key) => key.startsWith(`${domain}@`)),
  };
  const flushes: FirmwareStep[] = leaked ? [] : [{ command: 'WBINVD' }, { command: 'DF_FLUSH' }];
  const firmware: FirmwareStep[] = encrypted
    ? [{ command: 'DEACTIVATE' }, ...flushes, { command: 'DECOMMISSION' }]
    : [];
  return { ...quietly(next), freed, firmware };
}

const omit = <T>(record: Readonly<Record<string, T>>, drop: (key: string) => boolean): Record<string, T> =>
  Object.fromEntries(Object.entries(record).filter(([key]) => !drop(key)));

/** `svm_do_resume`, then `svm_vmenter_helper`. */
function enter(state: FixedState, where: { cpu: number; domain: number; vcpu: number }): FixedStep {
  const { cpu, domain } = where;
  const { asid } = domainOf(state, domain);
  const key = vcpuKey(domain, where.vcpu);
  const { launchCore, needsFlush } = vcpuOf(state, key);
  const latest = `${domain}@${cpu}`;
  const last = state.latestVcpu[latest];
  const reasons = [
    needsFlush && 'it is new, or a flush was asked for',
    launchCore !== null && launchCore !== cpu && 'it ran on another CPU before',
    asid === FALLBACK_ASID && 'ASID 1 is shared with other domains',
    last !== undefined &&
      last !== where.vcpu &&
      'another vCPU of its domain ran here last, under the same ASID',
  ].filter((reason) => reason !== false);
  const flush = state.params.flushByAsid ? 'FLUSH_ASID' : 'FLUSH_ALL';
  const tlbControl = reasons.length > 0 ? flush : 'NO_FLUSH';
  const next: FixedState = {
    ...state,
    vcpus: { ...state.vcpus, [key]: { launchCore: cpu, needsFlush: false } },
    latestVcpu: { ...state.latestVcpu, [latest]: where.vcpu },
    counters: countVmrun(state.counters, tlbControl),
  };
  const why =
    reasons.join('; ') || 'the same vCPU of its domain as last time here, and nothing was asked for';
  return { ...quietly(next), vmcb: { asid, tlbControl, why } };
}
