import { alignUp, GUEST_BASE, PAGE_SIZE } from '../core/address';
import type { DomainCell } from '../core/cells';
import { type Outcome, ok, type Rule, refuse } from '../core/fault';
import { OWNER_GUEST } from '../core/page';
import type { Platform } from '../core/platform';
import { access } from '../cpu/access';
import { EXIT, EXIT_RULES, isAutomatic } from '../cpu/exits';
import { exitInfoOf } from '../cpu/pageFaults';
import { enterGuest } from '../xen/domain';
import { leaveGuest } from '../xen/stub';

const NO_ROOM: Rule = {
  id: 'guest.no-room',
  says: 'A guest can only use the memory that it was given.',
  source: 'the guest OS of this simulator hands out pages in order and never takes one back (modelled)',
  standing: 'modelled',
};

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

/**
 * An access by the guest’s kernel on its first vCPU. A nested page fault brings the core back to the hypervisor, which
 * finds its reason in the VMCB; with SEV-ES one for a reserved bit stays the guest’s own affair, and so does #VC.
 */
export function guestAccess(
  p: Platform,
  domain: DomainCell,
  op: 'read' | 'write' | 'fetch',
  virtual: number,
  length: number,
  bytes?: Uint8Array,
  stream = false,
): Outcome<Uint8Array> {
  const outcome = vcpuAccess(p, { domain, vcpu: 0 }, op, virtual, length, bytes, stream);
  if (!outcome.ok && outcome.fault.name === '#NPF') {
    const { info1, info2 } = exitInfoOf(outcome.fault);
    if (p.state.need('core', domain.core).es && !isAutomatic(EXIT.NPF, info1))
      p.trace.fact('check', { what: '#VC', code: EXIT.NPF }, EXIT_RULES.reservedNpf);
    else leaveGuest(p, domain.core, { code: EXIT.NPF, info1, info2 });
  }
  return outcome;
}

/** Hands out whole pages. Answers with the GVA. */
export function takePages(p: Platform, domain: DomainCell, name: string, length: number): Outcome<number> {
  const { nextData } = p.state.need('guest', domain.id);
  const left = p.state.need('domain', domain.id).memory - nextData;
  if (alignUp(length, PAGE_SIZE) > left) {
    return refuse(
      NO_ROOM,
      'refused',
      `${domain.name} needs ${length} bytes for ${name} and has ${left} left.`,
      { needed: length, left },
      'More memory for the guest (guest.grow).',
    );
  }
  p.trace.patch('guest', domain.id, { nextData: nextData + alignUp(length, PAGE_SIZE) });
  return ok(GUEST_BASE + nextData);
}

/** Fills pages with zeros, as a kernel does before it hands them out. */
export function zero(p: Platform, domain: DomainCell, virtual: number, pages: number): Outcome<Uint8Array> {
  return guestAccess(p, domain, 'write', virtual, pages * PAGE_SIZE, new Uint8Array(pages * PAGE_SIZE), true);
}
