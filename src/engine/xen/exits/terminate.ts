import { type Outcome, type Rule, refuse } from '../../core/fault';
import type { Platform } from '../../core/platform';
import { printk } from '../console';
import type { Left } from './left';

const TERMINATED: Rule = {
  id: 'ghcb.terminated',
  says: 'A guest that does not trust what it is told asks the hypervisor to end it.',
  source: 'GHCB specification #56421 §2.3.1; Linux arch/x86/coco/sev/core.c (sev_es_terminate)',
  standing: 'published',
};

/** The guest asked for its end: Xen crashes the domain (Xen xen/common/domain.c, domain_crash). */
export function terminated(
  p: Platform,
  { domain, vcpu }: Pick<Left, 'domain' | 'vcpu'>,
  why: string,
): Outcome<never> {
  printk(p, `d${domain.id}v${vcpu} terminated itself: ${why}`);
  p.trace.patch('domain', domain.id, { paused: true });
  return p.trace.refused(
    refuse(
      TERMINATED,
      'shutdown',
      `${domain.name} has asked for its own end: ${why}.`,
      { guest: domain.name, why },
      'A hypervisor whose answers the guest can take, or a guest that does not check them.',
    ),
  );
}
