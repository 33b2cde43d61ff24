import type { DomainCell, VcpusCell } from '../../core/cells';
import type { Platform } from '../../core/platform';

export type VcpuState = VcpusCell['vcpus'][number];

const WAITING: VcpuState = { state: 'waits', startup: null, tpr: 0, destination: 0 };

/** The first vCPU runs; the others wait until the guest starts them. */
const initial = ({ vmcbs }: DomainCell): VcpusCell => ({
  vcpus: vmcbs.map((_, vcpu) => (vcpu === 0 ? { ...WAITING, state: 'runs' } : WAITING)),
  jumpTable: null,
  lies: [],
});

/** What Xen keeps of a domain’s vCPUs beside their registers. */
export const vcpusOf = (p: Platform, domain: DomainCell): VcpusCell =>
  p.state.cell('vcpus', domain.id) ?? initial(domain);

export const vcpuOf = (p: Platform, domain: DomainCell, vcpu: number): VcpuState =>
  vcpusOf(p, domain).vcpus[vcpu] ?? WAITING;

export const patchVcpus = (p: Platform, domain: DomainCell, fields: Partial<VcpusCell>): void =>
  p.trace.set('vcpus', domain.id, { ...vcpusOf(p, domain), ...fields });

/** Changes what is kept of one vCPU; says nothing when nothing changes. */
export function patchVcpu(p: Platform, domain: DomainCell, vcpu: number, fields: Partial<VcpuState>): void {
  const before = vcpuOf(p, domain, vcpu);
  if (Object.entries(fields).every(([name, value]) => before[name as keyof VcpuState] === value)) return;
  const vcpus = vcpusOf(p, domain).vcpus.map((each, index) =>
    index === vcpu ? { ...each, ...fields } : each,
  );
  patchVcpus(p, domain, { vcpus });
}
