import type { DomainCell } from '../core/cells';
import { DONE, type Fault, type Outcome, ok, type Rule, refuse } from '../core/fault';
import { OWNER_HYPERVISOR } from '../core/page';
import type { Platform } from '../core/platform';
import { EXIT } from '../cpu/exits';
import { HOST_REGISTERS } from '../cpu/hostState';
import { writeVmcb } from '../cpu/vmcb';
import { vmcbOf, vmrun } from '../cpu/vmrun';
import { prepareAsid } from './asid';
import { livingDomains } from './domains';
import { leaveGuest, popUserRegs } from './stub';

export const DOMAIN_RULES = {
  none: {
    id: 'domain.none',
    says: 'The action needs a living guest of this name.',
    source: 'Xen tools/xl (domain is an invalid domain identifier)',
    standing: 'published',
  },
  paused: {
    id: 'domain.paused',
    says: 'A paused domain’s vCPUs are not scheduled.',
    source: 'Xen xen/common/domain.c (domain_pause), xen/common/sched/core.c (vcpu_runnable)',
    standing: 'published',
  },
} as const satisfies Record<string, Rule>;

export function domainNamed(p: Platform, name: string): Outcome<DomainCell> {
  const found = livingDomains(p).find((domain) => domain.name === name);
  if (found) return ok(found);
  const names = livingDomains(p).map((domain) => domain.name);
  return refuse(
    DOMAIN_RULES.none,
    'refused',
    `There is no guest named ${name}.`,
    { name, living: names },
    names.length > 0 ? `One of: ${names.join(', ')}.` : 'A guest would have to be created first.',
  );
}

/** Why the scheduler does not run a guest, or null. */
export function notScheduled({
  name,
  paused,
}: DomainCell): { readonly ok: false; readonly fault: Fault } | null {
  if (!paused) return null;
  return refuse(DOMAIN_RULES.paused, 'refused', `${name} is paused.`, { guest: name }, `xl unpause ${name}.`);
}

/** Runs a guest on its core, as the scheduler does; a paused one is not run. */
export function enterGuest(p: Platform, domain: DomainCell, core?: number, vcpu?: number): Outcome<null> {
  const stopped = notScheduled(domain);
  return stopped ? p.trace.refused(stopped) : switchTo(p, domain, core, vcpu);
}

/** VMRUN of a vCPU on a core, whatever the scheduler thinks: whoever runs there leaves first. */
export function switchTo(
  p: Platform,
  domain: DomainCell,
  coreId: number = domain.core,
  vcpu = 0,
): Outcome<null> {
  const core = p.state.need('core', coreId);
  if (core.domain === domain.id && core.vcpu === vcpu) return DONE;
  if (core.domain !== null) leaveGuest(p, coreId, { code: EXIT.INTR });
  for (let other = 0; other < p.state.tlbs.length; other++) {
    const there = p.state.need('core', other);
    if (there.domain === domain.id && there.vcpu === vcpu) leaveGuest(p, other, { code: EXIT.INTR });
  }
  prepareAsid(p, domain, coreId, vcpu);
  popUserRegs(p, coreId, domain, vcpu);
  const entered = vmrun(p, coreId, p.state.need('domain', domain.id), vcpu);
  if (entered.ok) writeVmcb(p, core.complex, vmcbOf(domain, vcpu), 'tlbControl', 0n, OWNER_HYPERVISOR);
  else p.trace.set('registers', coreId, HOST_REGISTERS);
  return entered;
}

/** Brings a core back to the host: the hypervisor needs it. */
export function enterHost(p: Platform, coreId: number): void {
  if (p.state.need('core', coreId).domain !== null) leaveGuest(p, coreId, { code: EXIT.INTR });
}
