import type { DomainCell } from '../core/cells';
import { DONE, type Outcome, ok } from '../core/fault';
import { OWNER_HYPERVISOR } from '../core/page';
import type { Platform } from '../core/platform';
import { encodeEventInj, type InjectedEvent } from '../cpu/eventInj';
import { EXIT } from '../cpu/exits';
import { readVmcb, writeVmcb } from '../cpu/vmcb';
import { vmcbOf } from '../cpu/vmrun';
import { enterGuest } from './domain';
import { ring } from './exits/doorbell';
import { leaveGuest } from './stub';
import { call } from './trail';

/** Xen runs on the first core. */
const COMPLEX = 0;

const takeOff = (p: Platform, { id }: DomainCell, vcpu: number): void => {
  for (let core = 0; core < p.state.tlbs.length; core++) {
    const running = p.state.need('core', core);
    if (running.domain === id && running.vcpu === vcpu) leaveGuest(p, core, { code: EXIT.INTR });
  }
};

/**
 * Xen has VMRUN deliver an event (Xen xen/arch/x86/hvm/svm/svm.c, svm_inject_event). Answers whether hardware took it; what it did
 * not take Xen takes back.
 * @param doorbell a vector that is left in the doorbell page before.
 */
export const injectEvent = (
  p: Platform,
  domain: DomainCell,
  {
    vcpu,
    core,
    doorbell,
  }: { readonly vcpu: number; readonly core: number; readonly doorbell: number | null },
  event: InjectedEvent,
): Outcome<boolean> =>
  call(p, 'svm', 'svm_inject_event', { guest: domain.name, vcpu, vector: event.vector }, () => {
    takeOff(p, domain, vcpu);
    const rung = doorbell === null ? DONE : ring(p, domain, vcpu, core, doorbell);
    if (!rung.ok) return rung;
    const vmcb = vmcbOf(domain, vcpu);
    writeVmcb(p, COMPLEX, vmcb, 'eventInj', encodeEventInj(event), OWNER_HYPERVISOR);
    const entered = enterGuest(p, domain, core, vcpu);
    const ignored = readVmcb(p, COMPLEX, vmcb, 'eventInj') !== 0n;
    if (ignored) writeVmcb(p, COMPLEX, vmcb, 'eventInj', 0n, OWNER_HYPERVISOR);
    return entered.ok ? ok(!ignored) : entered;
  });
