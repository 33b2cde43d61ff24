import type { DomainCell } from '../core/cells';
import { type Outcome, ok, type Rule, refuse } from '../core/fault';
import { OWNER_HYPERVISOR } from '../core/page';
import type { Platform } from '../core/platform';
import { featuresOf } from '../cpu/cpuid';
import { writeVmcb } from '../cpu/vmcb';
import { vmcbOf } from '../cpu/vmrun';
import { type AsidEvent, type GuestKind, TLB_CONTROL, type VmcbTag, vcpuKey } from './asids/events';
import { type FixedParams, type FixedState, type FixedStep, fixed, startFixed } from './asids/fixed';
import { type PerCpuParams, type PerCpuState, perCpu, startPerCpu } from './asids/perCpu';
import { xenRanges } from './asids/ranges';
import { call } from './trail';
import { flushesAtDestroy, hasCoco } from './tree';

const NO_ASID: Rule = {
  id: 'domain.no-asid',
  says: 'Each encrypted guest needs an ASID of its own: without SEV-ES from Fn8000_001F[EDX] to Fn8000_001F[ECX], with it below; Xen keeps 0 and 1 back.',
  source: 'APM vol. 2 §15.34.1, §15.35.2; xen-devel 2025-05-16 (hvm_asid_alloc_range)',
  standing: 'published',
};

const SIDE: Rule = {
  id: 'xen.other-allocator',
  says: 'Today’s allocator and the proposed one are told of the same events; one decides, the other is only counted.',
  source: 'this simulator; Xen xen/arch/x86/hvm/asid.c; xen-devel 2026-04-15, RFC 0/7',
  standing: 'modelled',
};

/** CPUID Fn8000_000A[EBX], ASIDs in all. Modelled: the same for every generation. */
const ASIDS = 32768;

/** Before firmware has set CPUID. */
const NO_ENCRYPTION = { maxAsid: 0, minPlainAsid: 0 };

function params(p: Platform): { readonly today: PerCpuParams; readonly proposed: FixedParams } {
  const poweredOn = p.state.cell('cpuid') !== null;
  const { maxAsid: maxSev, minPlainAsid: minSev } = poweredOn ? featuresOf(p.state) : NO_ENCRYPTION;
  const both = { asids: ASIDS, flushByAsid: true, enabled: true };
  return {
    today: { ...both, cpus: p.state.tlbs.length, wrapBug: false },
    proposed: { ...both, maxSev, minSev, plainMin: maxSev + 1, leakEncrypted: !flushesAtDestroy(p) },
  };
}

/** Both allocators as they stand; CPUID may have been edited since they last spoke. */
export function allocators(p: Platform): { readonly today: PerCpuState; readonly proposed: FixedState } {
  const cell = p.state.cell('allocators') as { today: PerCpuState; proposed: FixedState } | null;
  const now = params(p);
  if (!cell) return { today: startPerCpu(now.today), proposed: startFixed(now.proposed) };
  return { today: cell.today, proposed: { ...cell.proposed, params: now.proposed } };
}

/** Tells both of an event; answers with what they make of it. */
function tell(
  p: Platform,
  event: AsidEvent,
): { readonly today: VmcbTag | null; readonly proposed: FixedStep } {
  const before = allocators(p);
  const [today, proposed] = [perCpu(before.today, event), fixed(before.proposed, event)];
  if (!(proposed.created && 'error' in proposed.created))
    p.trace.set('allocators', 0, { today: today.state, proposed: proposed.state });
  return { today: today.vmcb, proposed };
}

const FUNCTION = { plain: 'hvm_asid_alloc', other: 'hvm_asid_alloc_range' } as const;

/**
 * The ASID of a new domain. Under the proposal an encrypted one gets one of its range or none, a plain one preferably one
 * above those; today it gets none before its first VMRUN.
 */
export const assignAsid = (p: Platform, id: number, kind: GuestKind, vcpus: number): Outcome<number> => {
  if (!hasCoco(p)) {
    tell(p, { event: 'createDomain', domain: id, kind, vcpus });
    return ok(0);
  }
  return call(
    p,
    'xen',
    kind === 'plain' ? FUNCTION.plain : FUNCTION.other,
    { id, kind },
    () => {
      const { created } = tell(p, { event: 'createDomain', domain: id, kind, vcpus }).proposed;
      return created && 'asid' in created ? ok(created.asid) : p.trace.refused(noneLeft(p, id, kind));
    },
    (asid) => ({ asid }),
  );
};

function noneLeft(p: Platform, id: number, kind: GuestKind): ReturnType<typeof refuse> {
  const { proposed } = params(p);
  const ranges = xenRanges(proposed);
  const range = kind === 'sev' ? ranges.sev : ranges.sevEsOrSnp;
  const message = range
    ? `All ${range[1] - range[0] + 1} ASIDs from ${range[0]} to ${range[1]} are taken.`
    : `No ASID is set aside for this kind of guest: Fn8000_001F[EDX] is ${proposed.minSev}.`;
  return refuse(
    NO_ASID,
    'ENOSPC',
    message,
    { id, kind },
    'A guest would have to be destroyed first, or the processor would need more ASIDs.',
  );
}

/** A dead domain’s ASID goes back, unless this Xen leaks it. */
export const leaveAsid = (p: Platform, id: number): void => {
  if (!(String(id) in allocators(p).proposed.domains)) return;
  call(p, 'xen', 'hvm_asid_free', { id }, () => {
    tell(p, { event: 'destroyDomain', domain: id });
    return ok(null);
  });
};

/** The p2m of a domain changed: its vCPUs flush before they run again. */
export function flushDomainAsid(p: Platform, id: number): void {
  if (String(id) in allocators(p).proposed.domains) tell(p, { event: 'flushDomain', domain: id });
}

/** The vCPU enters a core: of its own accord, or because the core turns to it. */
function entering(p: Platform, domain: DomainCell, core: number, vcpu: number): AsidEvent {
  const again = allocators(p).today.cores[core]?.current === vcpuKey(domain.id, vcpu);
  return { event: again ? 'vmentry' : 'schedule', cpu: core, domain: domain.id, vcpu };
}

/** What `prepareAsid` would write into the VMCB now. Changes nothing. */
export function nextTag(p: Platform, domain: DomainCell, core: number, vcpu = 0): VmcbTag | null {
  const { today, proposed } = allocators(p);
  const event = entering(p, domain, core, vcpu);
  return withheld(p, domain, hasCoco(p) ? fixed(proposed, event).vmcb : perCpu(today, event).vmcb);
}

/** What is written of that where Xen keeps a guest’s translations on purpose. */
function withheld(p: Platform, { id }: DomainCell, tag: VmcbTag | null): VmcbTag | null {
  if (!tag || !p.state.cell('vcpus', id)?.withholdsFlush) return tag;
  return { ...tag, tlbControl: 'NO_FLUSH', why: 'Xen withholds the flush that the allocator asks for.' };
}

/** Before VMRUN: both allocators see it, and the one of this Xen writes its ASID and TLB control into the VMCB. */
export function prepareAsid(p: Platform, domain: DomainCell, core: number, vcpu: number): void {
  const event = entering(p, domain, core, vcpu);
  call(p, 'svm', 'svm_vmenter_helper', { core, vcpu }, () => {
    const told = tell(p, event);
    const fixedAsid = hasCoco(p);
    const tag = withheld(p, domain, fixedAsid ? told.proposed.vmcb : told.today);
    const other = fixedAsid ? told.today : told.proposed.vmcb;
    if (tag) write(p, domain, core, vcpu, tag, !fixedAsid);
    if (tag && other)
      p.trace.fact(
        'note',
        {
          what: 'both allocators',
          asid: tag.asid,
          tlbControl: tag.tlbControl,
          why: tag.why,
          otherAsid: other.asid,
          otherTlbControl: other.tlbControl,
        },
        SIDE,
      );
    return ok(null);
  });
}

function write(
  p: Platform,
  domain: DomainCell,
  core: number,
  vcpu: number,
  { asid, tlbControl }: VmcbTag,
  asidToo: boolean,
): void {
  const { complex } = p.state.need('core', core);
  const vmcb = vmcbOf(domain, vcpu);
  if (asidToo) writeVmcb(p, complex, vmcb, 'asid', BigInt(asid), OWNER_HYPERVISOR);
  if (TLB_CONTROL[tlbControl] !== 0)
    writeVmcb(p, complex, vmcb, 'tlbControl', BigInt(TLB_CONTROL[tlbControl]), OWNER_HYPERVISOR);
  if (asidToo && vcpu === 0 && domain.asid !== asid) p.trace.patch('domain', domain.id, { asid });
}

/** Numbers that no domain has and that are never given out again; 0 and 1 are nobody’s from the start. */
export function leakedAsids(p: Platform): number[] {
  const { taken, domains } = allocators(p).proposed;
  const held = new Set(Object.values(domains).map(({ asid }) => asid));
  return taken.filter((asid) => asid > 1 && !held.has(asid));
}
