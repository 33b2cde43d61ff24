import type { DomainCell } from '../../core/cells';
import { type Outcome, ok } from '../../core/fault';
import type { Platform } from '../../core/platform';
import { featuresOf } from '../../cpu/cpuid';
import { type SevFeature, sevFeaturesIn } from '../../cpu/sevFeatures';
import { enterGuest } from '../../xen/domain';
import { coreOf, type Vcpu } from '../memory';
import { monitorMakesVmsa } from '../svsm/calls';
import { monitorOf } from '../svsm/monitor';
import {
  askForAp,
  featureBits,
  fillVmsa,
  markVmsa,
  noteRegisters,
  takeFromBelow,
  vmsaImage,
  vmsaPage,
} from './createVmsa';
import { vmplOf } from './level';

/** How a vCPU of an SNP guest gets another VMSA from its kernel. */
export interface Making {
  readonly target: number;
  readonly vmpl: number;
  /** GVA at which it begins. */
  readonly entry: number;
  readonly what: 'create' | 'onInit';
  /** Those of the guest’s first VMSAs by default. */
  readonly features?: readonly SevFeature[];
}

/** The kernel’s first vCPU, which is in the guest. */
function first(p: Platform, domain: DomainCell): Outcome<Vcpu> {
  const boot = { domain, vcpu: 0 };
  const entered = enterGuest(p, domain, coreOf(p, boot), 0);
  return entered.ok ? ok(boot) : entered;
}

/** A kernel at VMPL0 marks the page itself; one below has to ask its monitor. */
function mark(p: Platform, boot: Vcpu, gva: number, vmpl: number, target: number): Outcome<null> {
  const monitor = monitorOf(p, boot.domain);
  if (monitor) return monitorMakesVmsa(p, boot.domain, monitor, gva, target);
  const taken = takeFromBelow(p, boot, gva, featuresOf(p.state).vmpls);
  return taken.ok ? markVmsa(p, boot, gva, vmpl) : taken;
}

/** The kernel makes a VMSA and hands it to Xen. Answers with its GVA. */
export const makeVmsa = (
  p: Platform,
  domain: DomainCell,
  { target, vmpl, entry, what, features = sevFeaturesIn(domain.sevFeatures ?? 0) }: Making,
): Outcome<number> =>
  p.trace.span('guest', domain.name, 'make VMSA', { vcpu: target, vmpl }, () => {
    const boot = first(p, domain);
    if (!boot.ok) return boot;
    const page = vmsaPage(p, boot.value, `VMSA of vCPU ${target}, VMPL${vmpl}`);
    if (!page.ok) return page;
    const { root } = p.state.need('guest', domain.id);
    const image = vmsaImage({ vmpl, entry, root, features });
    const filled = fillVmsa(p, boot.value, page.value, image);
    if (!filled.ok) return filled;
    const marked = mark(p, boot.value, page.value, vmpl, target);
    if (!marked.ok) return marked;
    const asked = { vmpl, target, gva: page.value, features: featureBits(features) };
    const taken = askForAp(p, boot.value, what, asked);
    if (taken.ok) noteRegisters(p, { domain, vcpu: target }, vmpl, image);
    return taken.ok ? page : taken;
  });

/** The kernel asks Xen to forget the VMSA of a vCPU at a VMPL. */
export function destroyVmsa(p: Platform, domain: DomainCell, target: number, vmpl: number): Outcome<null> {
  const boot = first(p, domain);
  if (!boot.ok) return boot;
  const gva = p.state.need('guest', domain.id).objects[0]?.address ?? 0;
  return askForAp(p, boot.value, 'destroy', { vmpl, target, gva, features: 0n });
}

/** Another vCPU of an SNP guest: it starts at once, at the level of the kernel, where its VMSA says. Answers with the GVA. */
export function startSnpVcpu(
  p: Platform,
  domain: DomainCell,
  target: number,
  entry: number,
): Outcome<number> {
  const boot = first(p, domain);
  if (!boot.ok) return boot;
  const vmpl = vmplOf(p, boot.value);
  const made = makeVmsa(p, domain, { target, vmpl, entry, what: 'create' });
  if (!made.ok) return made;
  const entered = enterGuest(p, domain, coreOf(p, { domain, vcpu: target }), target);
  return entered.ok ? ok(entry) : entered;
}
