import { LARGE_PAGE_SIZE, PAGE_SIZE } from '../../core/address';
import type { DomainCell, LevelCell } from '../../core/cells';
import type { Outcome, Rule } from '../../core/fault';
import type { Platform } from '../../core/platform';
import { featuresOf } from '../../cpu/cpuid';
import { EXIT } from '../../cpu/exits';
import { SEV_FEATURES } from '../../cpu/sevFeatures';
import { keepLevel, levelOf, levelsOf, runLevel } from '../levels';
import { frameBehind } from '../nested';
import { leaveGuest } from '../stub';
import { type Asked, NOTHING, type SoftwareAnswer } from './answer';
import { patchVcpu, vcpuOf } from './vcpus';

/** SNP AP creation: the guest hands Xen a VMSA that it has made itself. */
const rule = (id: string, says: string, source: string, standing: Rule['standing']): Rule => ({
  id: `xen.ap-creation-${id}`,
  says,
  source,
  standing,
});

const KVM = 'Linux arch/x86/kvm/svm/sev.c (sev_snp_ap_creation)';

const RULES = {
  apic: rule('apic', 'The APIC ID is that of one of the guest’s vCPUs.', KVM, 'published'),
  what: rule('what', 'A VMSA is created on INIT, created, or destroyed.', KVM, 'published'),
  page: rule(
    'page',
    'The VMSA is a page of the guest that does not begin 2 MiB: an erratum of the RMP lets VMRUN of such a one spoil its neighbours.',
    KVM,
    'published',
  ),
  features: rule(
    'features',
    'SEV_FEATURES have SNPActive and beside it only what Xen says that it knows. Xen cannot read those in the VMSA: VMRUN compares them with what VMCB 0x138 allows.',
    `${KVM}, which takes only those of the launch; that levels may differ in how events reach them is modelled`,
    'modelled',
  ),
  vmpl: rule(
    'vmpl',
    'A level hands over VMSAs for its own VMPL and less privileged ones that the processor has.',
    'modelled: no source says what a hypervisor does; the VMSA bit of the RMP, which VMPL0 alone sets, is what protects',
    'modelled',
  ),
} as const;

/** SW_EXITINFO1 15:0. */
export const AP_CREATION = { onInit: 0, create: 1, destroy: 2 } as const;
export type ApCreation = keyof typeof AP_CREATION;

/** SW_EXITINFO1 of a request. */
export const apCreationInfo = (what: ApCreation, vmpl: number, apicId: number): bigint =>
  BigInt(AP_CREATION[what]) | (BigInt(vmpl) << 16n) | (BigInt(apicId) << 32n);

const bit = (name: keyof typeof SEV_FEATURES): bigint => 1n << BigInt(SEV_FEATURES[name].bit);
const SNP_ACTIVE = bit('SNPActive');
const KNOWN = SNP_ACTIVE | bit('RestrictedInjection') | bit('AlternateInjection');

interface Wanted {
  readonly what: ApCreation;
  readonly vmpl: number;
  readonly target: number;
  readonly gpa: number;
}

const wantedBy = ({ info1, info2 }: Asked): Omit<Wanted, 'what'> => ({
  vmpl: Number((info1 >> 16n) & 0xfn),
  target: Number(info1 >> 32n),
  gpa: Number(info2),
});

const whatBy = ({ info1 }: Asked): ApCreation | null =>
  (Object.keys(AP_CREATION) as ApCreation[]).find(
    (name) => BigInt(AP_CREATION[name]) === (info1 & 0xffffn),
  ) ?? null;

/** Why Xen does not take a request, or null. */
function problem(p: Platform, asked: Asked): Rule | null {
  const { domain, vcpu, read } = asked;
  const { vmpl, target, gpa } = wantedBy(asked);
  const what = whatBy(asked);
  if (target >= domain.vmcbs.length) return RULES.apic;
  if (what === null) return RULES.what;
  if (vmpl < levelOf(p, domain, vcpu) || vmpl >= featuresOf(p.state).vmpls) return RULES.vmpl;
  if (what === 'destroy') return null;
  const features = read('rax');
  if ((features & SNP_ACTIVE) === 0n || (features & ~KNOWN) !== 0n) return RULES.features;
  const aligned = gpa % PAGE_SIZE === 0 && gpa % LARGE_PAGE_SIZE !== 0;
  return aligned && frameBehind(p, domain, gpa) !== null ? null : RULES.page;
}

/** The vCPU is not on a core, so that its VMCB can change. */
function takeOff(p: Platform, { id }: DomainCell, vcpu: number): void {
  for (let core = 0; core < p.state.tlbs.length; core++) {
    const running = p.state.need('core', core);
    if (running.domain === id && running.vcpu === vcpu) leaveGuest(p, core, { code: EXIT.INTR });
  }
}

/** Event 8000_0013. A VMSA of the asking vCPU itself waits until somebody asks to run its VMPL. */
export function apCreation(p: Platform, asked: Asked): SoftwareAnswer {
  const { domain, vcpu } = asked;
  const wrong = problem(p, asked);
  if (wrong) {
    p.trace.fact('fault', { name: 'AP creation', message: wrong.says }, wrong);
    return { refused: 'invalid input' };
  }
  const { vmpl, target, gpa } = wantedBy(asked);
  const what = whatBy(asked);
  if (target !== vcpu) takeOff(p, domain, target);
  if (what === 'destroy') return destroy(p, domain, target, vmpl);
  const level: LevelCell = {
    vmpl,
    spa: frameBehind(p, domain, gpa) ?? 0,
    gpa,
    ghcb: '0',
    registered: null,
    ...(what === 'onInit' && { onInit: true }),
  };
  keepLevel(p, domain, target, vmpl, level);
  if (what === 'onInit' || target === vcpu) return NOTHING;
  return answered(runLevel(p, domain, target, level));
}

const answered = (done: Outcome<null>): SoftwareAnswer => (done.ok ? NOTHING : done);

function destroy(p: Platform, domain: DomainCell, vcpu: number, vmpl: number): SoftwareAnswer {
  keepLevel(p, domain, vcpu, vmpl, null);
  if (levelOf(p, domain, vcpu) === vmpl) patchVcpu(p, domain, vcpu, { state: 'waits' });
  return NOTHING;
}

/** INIT of a vCPU: it takes the VMSA that was kept for it. Answers whether there was one. */
export function takeOnInit(p: Platform, domain: DomainCell, vcpu: number): boolean {
  const kept = vcpuOf(p, domain, vcpu).levels?.find(({ onInit }) => onInit);
  if (!kept) return false;
  const { onInit: _, ...level } = kept;
  keepLevel(p, domain, vcpu, level.vmpl, level);
  return runLevel(p, domain, vcpu, level).ok;
}

/** The VMSA of a VMPL that Xen runs from now on when a vCPU asks for it; null: there is none. */
export const levelFor = (p: Platform, domain: DomainCell, vcpu: number, vmpl: number): LevelCell | null =>
  levelsOf(p, domain, vcpu).find((level) => level.vmpl === vmpl && !level.onInit) ?? null;
