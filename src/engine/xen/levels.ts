import type { DomainCell, LevelCell } from '../core/cells';
import { DONE, type Outcome, type Rule } from '../core/fault';
import { OWNER_HYPERVISOR } from '../core/page';
import type { Platform } from '../core/platform';
import { readVmcb, writeVmcb } from '../cpu/vmcb';
import { vmcbOf } from '../cpu/vmrun';
import { patchVcpu, patchVcpus, vcpuOf, vcpusOf } from './exits/vcpus';
import { call } from './trail';

/** The VMSAs of an SNP guest’s vCPU, one for each of its VMPLs: which one the VMCB names decides what runs. */
const SWITCH: Rule = {
  id: 'xen.run-vmpl',
  says: 'A vCPU runs one of its VMSAs at a time; Xen changes VMCB 0x108, keeps the GHCB of the level that stops, and flushes, since translations bear the ASID and each level has tables of its own.',
  source:
    'APM vol. 2 §15.36.7; GHCB specification #56421 (run VMPL); how a hypervisor keeps the levels is modelled',
  standing: 'modelled',
};

/** Xen runs on the first core. */
const COMPLEX = 0;
/** VMCB TLB_CONTROL: drop the translations of this ASID (APM vol. 2 §15.16.2). */
const FLUSH_ASID = 3n;
/** Linux KVM’s INVALID_PAGE: VMRUN takes no such pointer. */
const NOWHERE = (1n << 64n) - 1n;

/** VMPL at which Xen runs a vCPU. */
export const levelOf = (p: Platform, domain: DomainCell, vcpu: number): number =>
  vcpuOf(p, domain, vcpu).vmpl ?? 0;

/** The VMSAs that Xen has for a vCPU: at first the one that was launched, at VMPL0. */
export const levelsOf = (p: Platform, domain: DomainCell, vcpu: number): readonly LevelCell[] => {
  const launched = domain.vmsas[vcpu];
  const first = { vmpl: 0, spa: launched ?? 0, gpa: null, ghcb: '0', registered: null };
  return vcpuOf(p, domain, vcpu).levels ?? (launched === undefined ? [] : [first]);
};

/** SPA of the VMSA that a vCPU runs; undefined without SEV-ES, or where the guest has destroyed it. */
export function vmsaOf(p: Platform, domain: DomainCell, vcpu: number): number | undefined {
  const { levels, vmpl = 0 } = vcpuOf(p, domain, vcpu);
  return levels ? levels.find((each) => each.vmpl === vmpl)?.spa : domain.vmsas[vcpu];
}

/** Xen keeps a VMSA for a level, or none any more. */
export function keepLevel(
  p: Platform,
  domain: DomainCell,
  vcpu: number,
  vmpl: number,
  level: LevelCell | null,
): void {
  const others = levelsOf(p, domain, vcpu).filter((each) => each.vmpl !== vmpl);
  const levels = [...others, ...(level ? [level] : [])].sort((a, b) => a.vmpl - b.vmpl);
  patchVcpu(p, domain, vcpu, { levels });
  if (!level && levelOf(p, domain, vcpu) === vmpl)
    writeVmcb(p, COMPLEX, vmcbOf(domain, vcpu), 'vmsa', NOWHERE, OWNER_HYPERVISOR);
}

/** From the next VMRUN on the vCPU runs the VMSA of a level that Xen has; it is on no core. */
export const runLevel = (p: Platform, domain: DomainCell, vcpu: number, level: LevelCell): Outcome<null> =>
  call(p, 'svm', 'SNP: VMSA of another VMPL', { vcpu, vmpl: level.vmpl, vmsa: level.spa }, () => {
    p.trace.fact('note', { what: 'VMSA', vcpu, vmpl: level.vmpl, spa: level.spa }, SWITCH);
    const vmcb = vmcbOf(domain, vcpu);
    const before = levelOf(p, domain, vcpu);
    const { registered = {} } = vcpusOf(p, domain);
    const ghcb = readVmcb(p, COMPLEX, vmcb, 'ghcb').toString(16);
    const levels = levelsOf(p, domain, vcpu).map((each) =>
      each.vmpl === before && before !== level.vmpl
        ? { ...each, ghcb, registered: registered[vcpu] ?? null }
        : each,
    );
    const { [vcpu]: _, ...others } = registered;
    patchVcpus(p, domain, {
      registered: level.registered === null ? others : { ...others, [vcpu]: level.registered },
    });
    patchVcpu(p, domain, vcpu, { levels, vmpl: level.vmpl, state: 'runs' });
    const fields = { vmsa: BigInt(level.spa), ghcb: BigInt(`0x${level.ghcb}`), tlbControl: FLUSH_ASID };
    for (const [field, value] of Object.entries(fields) as [keyof typeof fields, bigint][])
      writeVmcb(p, COMPLEX, vmcb, field, value, OWNER_HYPERVISOR);
    return DONE;
  });
