import type { DomainCell } from '../core/cells';
import { type Outcome, ok, type Rule, refuse } from '../core/fault';
import type { Platform } from '../core/platform';
import { vcpuOf } from '../xen/exits/vcpus';
import type { Vcpu } from './memory';

const NO_VCPU: Rule = {
  id: 'guest.no-vcpu',
  says: 'A guest has as many vCPUs as its configuration says, and one that waits runs nothing.',
  source: 'Xen xen/common/domain.c (domain_vcpu)',
  standing: 'published',
};

/** A vCPU that the guest has. */
export function hasVcpu({ name, vmcbs }: DomainCell, number: number): Outcome<null> {
  if (number < vmcbs.length) return ok(null);
  return refuse(
    NO_VCPU,
    'refused',
    `${name} has no vCPU ${number}.`,
    { vcpu: number, vcpus: vmcbs.length },
    `A vCPU from 0 to ${vmcbs.length - 1}.`,
  );
}

/** One on which the kernel can act: the first always, another when it is not waiting to be started. */
export const actingVcpu = (p: Platform, domain: DomainCell, number = 0): Outcome<Vcpu> =>
  number === 0 ? ok({ domain, vcpu: 0 }) : readyVcpu(p, domain, number);

/** A vCPU that the guest has, and that is not waiting to be started. */
export function readyVcpu(p: Platform, domain: DomainCell, number: number): Outcome<Vcpu> {
  const there = hasVcpu(domain, number);
  if (!there.ok) return there;
  if (vcpuOf(p, domain, number).state !== 'waits') return ok({ domain, vcpu: number });
  return refuse(
    NO_VCPU,
    'refused',
    `${domain.name}’s vCPU ${number} waits to be started.`,
    { vcpu: number, vcpus: domain.vmcbs.length },
    'guest.start-ap.',
  );
}
