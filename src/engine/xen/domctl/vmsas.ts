import { PAGE_SIZE } from '../../core/address';
import type { DomainCell } from '../../core/cells';
import { DONE, type Outcome } from '../../core/fault';
import { OWNER_GUEST, OWNER_HYPERVISOR } from '../../core/page';
import type { Platform } from '../../core/platform';
import { RESET_REGISTERS } from '../../core/registers';
import { hostStructureKey } from '../../cpu/mode';
import { loadSaveArea } from '../../cpu/saveArea';
import { SEV_FEATURES } from '../../cpu/sevFeatures';
import { NP_ENABLE, readVmcb, SEV_ENABLE, SEV_ES_ENABLE, type VmcbField, writeVmcb } from '../../cpu/vmcb';
import { vmcbOf } from '../../cpu/vmrun';
import type { Controls } from '../../cpu/vmsa';
import { cachedWrite } from '../../memory/fill';
import { command, hostAddress } from '../driver/command';
import { trapControls } from '../exits/defaults';
import { sevInfo } from '../exits/msrProtocol';
import { giveBack, setOwner, takeFrames } from '../frames';
import { readUserRegs, userRegsOf } from '../stub';
import { writeTable } from '../tables';
import { call, chain } from '../trail';
import { firstVmsa } from '../vmsa';
import { takeFramesBack } from './assign';
import { flushAllCaches } from './memory';

/** Xen runs on the first core. */
const COMPLEX = 0;

/** VMCB 0xB8: without it VMRUN refuses a guest with SEV-ES. */
const LBR_VIRTUALIZATION = 1n;

/**
 * A vCPU with encrypted state: a page for it, whose address the VMCB has without a C-bit. From now on it counts as the guest’s;
 * the secure processor will encrypt it.
 */
export const addVmsa = (p: Platform, id: number, vmcb: number): Outcome<null> =>
  call(p, 'svm', 'SEV-ES: VMSA page, NP_CONTROL.SEV_ES', { id, vmcb }, () => {
    const taken = takeFrames(p, 'heap', 1, OWNER_GUEST + id);
    if (!taken.ok) return p.trace.refused(taken);
    const frame = taken.value[0]?.[0] ?? 0;
    writeTable(p, frame * PAGE_SIZE, new Uint8Array(PAGE_SIZE));
    p.trace.page(frame, { structure: true });
    const { vmsas } = p.state.need('domain', id);
    p.trace.patch('domain', id, { vmsas: [...vmsas, frame * PAGE_SIZE] });
    const fields = {
      nestedControl: NP_ENABLE | SEV_ENABLE | SEV_ES_ENABLE,
      vmsa: BigInt(frame * PAGE_SIZE),
      lbrControl: LBR_VIRTUALIZATION,
      ghcb: sevInfo(p),
    };
    writeFields(p, vmcb, fields);
    trapControls(p, vmcb);
    return DONE;
  });

const writeFields = (p: Platform, vmcb: number, fields: Partial<Record<VmcbField, bigint>>): void => {
  for (const [name, value] of Object.entries(fields) as [VmcbField, bigint][])
    writeVmcb(p, COMPLEX, vmcb, name, value, OWNER_HYPERVISOR);
};

/** XEN_DOMCTL_sethvmcontext: where each vCPU is to start, a GPA; everything else is as Xen made it. */
export const setContext = (p: Platform, id: number, entries: readonly number[]): Outcome<null> =>
  chain(
    p,
    [
      ['hypercall', 'XEN_DOMCTL_sethvmcontext'],
      ['xen', 'do_domctl'],
    ],
    { id, entries: [...entries] },
    () => {
      const domain = p.state.need('domain', id);
      for (const [vcpu, entry] of entries.entries())
        writeFields(p, vmcbOf(domain, vcpu), { rip: BigInt(entry) });
      return DONE;
    },
  );

/**
 * XEN_DOMCTL_sethvmcontext for a guest that starts from a firmware image: each vCPU’s registers as a VMSA, which Xen keeps in
 * the clear in its page until the launch takes it (hypothetical: a context has other fields).
 */
export const setVmsas = (p: Platform, id: number, pages: readonly Uint8Array[]): Outcome<null> =>
  chain(
    p,
    [
      ['hypercall', 'XEN_DOMCTL_sethvmcontext'],
      ['xen', 'do_domctl'],
    ],
    { id, vcpus: pages.length },
    () => {
      const { vmsas } = p.state.need('domain', id);
      const key = hostStructureKey(p);
      for (const [vcpu, vmsa] of vmsas.entries())
        cachedWrite(p, COMPLEX, vmsa, pages[vcpu] ?? new Uint8Array(PAGE_SIZE), key, OWNER_HYPERVISOR);
      return DONE;
    },
  );

/** SEV_FEATURES of a guest’s VMSAs. */
const featuresFor = ({ snp, sevFeatures = 0 }: DomainCell): bigint =>
  snp ? (1n << BigInt(SEV_FEATURES.SNPActive.bit)) | BigInt(sevFeatures) : 0n;

const CONTROLS = ['cr0', 'cr3', 'cr4', 'efer'] as const;

/** A vCPU’s state, which Xen has in the VMCB’s save area and in its own memory, laid out as a VMSA. */
function vmsaOfVcpu(p: Platform, domain: DomainCell, vcpu: number): Uint8Array {
  const vmcb = vmcbOf(domain, vcpu);
  const controls = CONTROLS.map((name) => [name, readVmcb(p, COMPLEX, vmcb, name)]);
  const registers = {
    ...RESET_REGISTERS,
    ...readUserRegs(p, COMPLEX, userRegsOf(domain, vcpu)),
    ...loadSaveArea(p, COMPLEX, vmcb),
  };
  return firstVmsa(registers, Object.fromEntries(controls) as Controls, featuresFor(domain));
}

/** Each vCPU’s state is written into its page, in the clear, and flushed. */
export function writeVmsas(p: Platform, domain: DomainCell): void {
  const key = hostStructureKey(p);
  for (const [vcpu, vmsa] of domain.vmsas.entries())
    cachedWrite(p, COMPLEX, vmsa, vmsaOfVcpu(p, domain, vcpu), key, OWNER_HYPERVISOR);
  flushVmsas(p);
}

/** What Xen wrote into the pages has to be in DRAM before the firmware reads them. */
export const flushVmsas = (p: Platform): Outcome<null> =>
  call(p, 'svm', 'flush_all(FLUSH_CACHE_WRITEBACK)', {}, () => {
    flushAllCaches(p);
    return DONE;
  });

/** The last part of a launch with SEV-ES: each vCPU’s state is written into its page, flushed, measured and encrypted. */
export const launchVmsas = (p: Platform, id: number): Outcome<null> =>
  call(p, 'svm', 'VMSA from VMCB, LAUNCH_UPDATE_VMSA', { id }, () => {
    const domain = p.state.need('domain', id);
    writeVmsas(p, domain);
    for (const vmsa of domain.vmsas) {
      const measured = command(p, 'LAUNCH_UPDATE_VMSA', {
        HANDLE: domain.handle ?? 0,
        PADDR: hostAddress(p, vmsa),
        LENGTH: PAGE_SIZE,
      });
      if (!measured.ok) return measured;
    }
    return DONE;
  });

/** The VMSAs of a domain that is gone: Xen’s own pages again, as far as they come back. */
export function freeVmsas(p: Platform, { vmsas }: DomainCell): void {
  for (const page of takeFramesBack(
    p,
    vmsas.map((vmsa) => [vmsa / PAGE_SIZE, 1] as const),
  )) {
    setOwner(p, page, OWNER_HYPERVISOR);
    giveBack(p, 'heap', [page]);
  }
}
