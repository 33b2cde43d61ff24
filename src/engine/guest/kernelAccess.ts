import { GUEST_BASE, PAGE_SIZE } from '../core/address';
import type { DomainCell } from '../core/cells';
import { DONE, type Outcome } from '../core/fault';
import type { Platform } from '../core/platform';
import { EXIT, EXIT_RULES, isAutomatic } from '../cpu/exits';
import { exitInfoOf } from '../cpu/pageFaults';
import { leaveGuest } from '../xen/stub';
import { acceptBeforeUse } from './lazy';
import { coreOf, vcpuAccess } from './memory';
import { isNotValidated, notValidated } from './vc/notValidated';

/**
 * An access by the guest’s kernel on one of its vCPUs, the first by default, which a lazy one accepts memory for. A nested page fault brings the core back
 * to the hypervisor, which finds its reason in the VMCB; with SEV-ES one for a reserved bit stays the guest’s own affair, and so
 * does #VC.
 */
export function guestAccess(
  p: Platform,
  domain: DomainCell,
  op: 'read' | 'write' | 'fetch',
  virtual: number,
  length: number,
  bytes?: Uint8Array,
  stream = false,
  number = 0,
): Outcome<Uint8Array> {
  const usable = acceptTouched(p, domain, virtual, length);
  if (!usable.ok) return usable;
  const vcpu = { domain, vcpu: number };
  const reach = () => vcpuAccess(p, vcpu, op, virtual, length, bytes, stream);
  let outcome = reach();
  if (!outcome.ok && domain.snp && isNotValidated(outcome.fault)) {
    const handled = notValidated(p, vcpu, outcome.fault);
    if (!handled.ok) return handled;
    outcome = reach();
  }
  if (!outcome.ok && outcome.fault.name === '#NPF') {
    const { info1, info2 } = exitInfoOf(outcome.fault);
    const core = coreOf(p, vcpu);
    if (p.state.need('core', core).es && !isAutomatic(EXIT.NPF, info1))
      p.trace.fact('check', { what: '#VC', code: EXIT.NPF }, EXIT_RULES.reservedNpf);
    else leaveGuest(p, core, { code: EXIT.NPF, info1, info2 });
  }
  return outcome;
}

/** Memory at addresses of the direct map. */
function acceptTouched(p: Platform, domain: DomainCell, virtual: number, length: number): Outcome<null> {
  if (!p.state.cell('guest', domain.id)?.unaccepted?.length || virtual < GUEST_BASE) return DONE;
  return acceptBeforeUse(p, domain, virtual - GUEST_BASE, virtual - GUEST_BASE + length);
}

/** Fills pages with zeros, as a kernel does before it hands them out. */
export function zero(p: Platform, domain: DomainCell, virtual: number, pages: number): Outcome<Uint8Array> {
  return guestAccess(p, domain, 'write', virtual, pages * PAGE_SIZE, new Uint8Array(pages * PAGE_SIZE), true);
}
