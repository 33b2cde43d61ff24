import type { DomainCell } from '../core/cells';
import { OWNER_HYPERVISOR } from '../core/page';
import type { Platform } from '../core/platform';
import { decodeEventInj } from './eventInj';
import { DELIVERED, eventToDeliver, IGNORED, isAlternate } from './injection';
import { writeVmcb } from './vmcb';
import type { Control } from './vmrunChecks';
import { storeEventInj } from './vmsa';

/** VMRUN delivers an event: it waits for the guest’s kernel, whose handlers are not hardware (modelled). */
export function deliver(
  p: Platform,
  at: {
    readonly core: number;
    readonly complex: number;
    readonly vmcb: number;
    readonly domain: DomainCell;
    readonly vcpu: number;
  },
  { eventInj, asid, vmsa }: Control,
  page: Uint8Array | null,
): void {
  const { complex, domain, vcpu } = at;
  const valid = decodeEventInj(eventInj).valid;
  if (valid && isAlternate(page)) p.trace.fact('check', { what: 'EVENTINJ ignored' }, IGNORED);
  const event = eventToDeliver(eventInj, page);
  if (!event) return;
  const { vector, type, errorCode } = event;
  const by = page && isAlternate(page) ? 'VMSA' : 'VMCB';
  const { vmpl } = p.state.need('core', at.core);
  const to = { domain: domain.id, vcpu, vmpl };
  p.trace.fact('note', { what: 'event', ...to, vector, type, errorCode, by }, DELIVERED);
  if (page && by === 'VMSA') storeEventInj(p, { complex, spa: Number(vmsa), asid, domain: domain.id }, 0n);
  else writeVmcb(p, complex, at.vmcb, 'eventInj', 0n, OWNER_HYPERVISOR);
  const os = p.state.cell('guest', domain.id);
  if (os)
    p.trace.patch('guest', domain.id, { arrived: { ...os.arrived, [vcpu]: { vector, type, errorCode } } });
}
