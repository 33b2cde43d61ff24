import { GUEST_BASE, PAGE_SIZE } from '../core/address';
import type { DomainCell } from '../core/cells';
import type { Fault, Outcome } from '../core/fault';
import { OWNER_GUEST } from '../core/page';
import type { Platform } from '../core/platform';
import { access } from '../cpu/access';
import { EXIT } from '../cpu/exits';
import { exitInfoOf } from '../cpu/pageFaults';
import { enterGuest } from '../xen/domain';
import { leaveGuest } from '../xen/stub';
import { answerWatched, isWatched } from '../xen/watch';
import { meantPlace } from './meant';

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

/** Where a vCPU is pinned; else the first one runs where the domain is scheduled, the others on the cores behind. */
export const coreOf = (p: Platform, { domain, vcpu }: Vcpu): number =>
  p.state.cell('vcpus', domain.id)?.vcpus[vcpu]?.core ?? (domain.core + vcpu) % p.state.tlbs.length;

/**
 * An access of one vCPU, which its core enters first if need be. A nested page fault that the hypervisor has brought about to
 * see it ends in the hypervisor, and the access is tried again; any other one is answered and leaves nobody.
 */
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
  for (;;) {
    const entered = enterGuest(p, domain, core, vcpu);
    if (!entered.ok) return entered;
    const reached = access(p, {
      core,
      actor: domain.name,
      principal: principalOf(domain),
      virtual,
      op,
      length,
      shared: (address) => isShared(p, domain, address, core),
      meant: (address) => meantPlace(p, domain, vcpu, address),
      ...(bytes ? { bytes } : {}),
      stream,
    });
    if (reached.ok || !isWatched(p, domain, reached.fault)) return reached;
    const answered = letThrough(p, { domain, vcpu }, reached.fault);
    if (!answered.ok) return answered;
  }
}

/** #VMEXIT for a page that the hypervisor follows, which lets the guest have it. */
export function letThrough(p: Platform, vcpu: Vcpu, fault: Fault): Outcome<null> {
  leaveGuest(p, coreOf(p, vcpu), { code: EXIT.NPF, ...exitInfoOf(fault) });
  return answerWatched(p, vcpu.domain, fault);
}
