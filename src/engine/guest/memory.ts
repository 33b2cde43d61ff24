import { GUEST_BASE, PAGE_SIZE } from '../core/address';
import type { DomainCell } from '../core/cells';
import type { Outcome } from '../core/fault';
import { OWNER_GUEST } from '../core/page';
import type { Platform } from '../core/platform';
import { access } from '../cpu/access';
import { enterGuest } from '../xen/domain';

export const principalOf = (domain: DomainCell): number => OWNER_GUEST + domain.id;

/** Whether the guest's OS means the page at an address, as a core in the guest has it, to be shared. With paging off an SEV guest can share nothing. */
export function isShared(p: Platform, domain: DomainCell, address: number, core = domain.core): boolean {
  const { guestPaging } = p.state.need('core', core);
  if (domain.sev && !guestPaging) return false;
  const base = guestPaging ? GUEST_BASE : 0;
  const page = Math.floor((address - base) / PAGE_SIZE);
  return p.state.cell('guest', domain.id)?.shared.includes(page) ?? false;
}

/** A vCPU of a guest and the core on which it runs. */
export interface Vcpu {
  readonly domain: DomainCell;
  readonly vcpu: number;
}

/** The first vCPU runs where the domain is scheduled, the others on the cores behind. */
export const coreOf = (p: Platform, { domain, vcpu }: Vcpu): number =>
  (domain.core + vcpu) % p.state.tlbs.length;

/** An access of one vCPU, which its core enters first if need be. A nested page fault is answered and leaves nobody. */
export function vcpuAccess(
  p: Platform,
  { domain, vcpu }: Vcpu,
  op: 'read' | 'write' | 'fetch',
  virtual: number,
  length: number,
  bytes?: Uint8Array,
  stream = false,
): Outcome<Uint8Array> {
  const core = coreOf(p, { domain, vcpu });
  const entered = enterGuest(p, domain, core, vcpu);
  if (!entered.ok) return entered;
  return access(p, {
    core,
    actor: domain.name,
    principal: principalOf(domain),
    virtual,
    op,
    length,
    shared: (address) => isShared(p, domain, address, core),
    ...(bytes ? { bytes } : {}),
    stream,
  });
}
