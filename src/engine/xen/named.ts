import type { DomainCell } from '../core/cells';
import { type Fault, type Outcome, type Rule, refuse } from '../core/fault';
import type { Platform } from '../core/platform';
import { domainNamed } from './domain';
import { livingDomains } from './domains';

/** Domains and vCPUs that an action of the hypervisor names. */

const NO_VCPU: Rule = {
  id: 'xen.no-vcpu',
  says: 'A domain has as many vCPUs as its configuration says.',
  source: 'Xen xen/common/domain.c (domain_vcpu)',
  standing: 'published',
};

/** Why nothing can be done to a guest now. */
export const needsGuest = (p: Platform): Fault | null => {
  if (livingDomains(p).length > 0) return null;
  const found = domainNamed(p, '');
  return found.ok ? null : found.fault;
};

/** The living guest of a name, or why there is none. */
export function withGuest<T>(
  p: Platform,
  name: string,
  body: (domain: DomainCell) => Outcome<T>,
): Outcome<T> {
  const domain = domainNamed(p, name);
  return domain.ok ? body(domain.value) : domain;
}

/** The same for a vCPU of it. */
export const withVcpu = <T>(
  p: Platform,
  name: string,
  vcpu: number,
  body: (domain: DomainCell) => Outcome<T>,
): Outcome<T> =>
  withGuest(p, name, (domain) => {
    const count = domain.vmcbs.length;
    if (vcpu < count) return body(domain);
    return refuse(
      NO_VCPU,
      'refused',
      `${name} has no vCPU ${vcpu}.`,
      { vcpu, vcpus: count },
      `A vCPU from 0 to ${count - 1}.`,
    );
  });
