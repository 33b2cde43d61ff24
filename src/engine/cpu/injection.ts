import { type Fault, type Rule, refuse } from '../core/fault';
import { decodeEventInj, EVENT_TYPES, type InjectedEvent } from './eventInj';
import { VECTORS } from './exits';
import { hasSevFeature } from './sevFeatures';
import { readVmsaField } from './vmsaFields';

/** Events that VMRUN delivers into a guest: from where it takes them, and which it refuses. */
const rule = (id: string, says: string, source: string, standing: Rule['standing'] = 'published'): Rule => ({
  id: `vmrun.${id}`,
  says,
  source,
  standing,
});

const INJECTION_RULES = {
  type: rule(
    'event-type',
    'The type of an event to inject is not reserved, and an exception is a vector of one: below 32, and not 2.',
    'APM vol. 2 §15.20',
  ),
  es: rule(
    'es-injection',
    'Into a guest with SEV-ES no software interrupt and no exception 3 or 4 can be injected.',
    'APM vol. 2 §15.35.8',
  ),
  restricted: rule(
    'restricted-injection',
    'With RestrictedInjection only #HV, vector 28, can be injected: as an exception without an error code.',
    'APM vol. 2 §15.36.15',
  ),
  alternate: rule(
    'alternate-injection',
    'With AlternateInjection the event comes from the VMSA; what the VMCB asks for is ignored.',
    'APM vol. 2 §15.36.16',
  ),
  busy: rule(
    'vmsa-busy',
    'With AlternateInjection VMRUN fails while bit 63, BUSY, of VINTR_CTRL in the VMSA is set.',
    'APM vol. 2 §15.36.16',
  ),
  delivered: rule(
    'event-delivered',
    'VMRUN delivers the event before the first instruction of the guest, and clears its valid bit.',
    'APM vol. 2 §15.20; modelled: at VMRUN, not at the next exit',
    'modelled',
  ),
} as const;

/** The rule by which an event was delivered: a note for the record. */
export const DELIVERED = INJECTION_RULES.delivered;
export const IGNORED = INJECTION_RULES.alternate;

const BUSY = 1n << 63n;
const TYPES: readonly number[] = Object.values(EVENT_TYPES);

/** Does a VMSA carry its own event? Null: there is no VMSA. */
export const isAlternate = (vmsa: Uint8Array | null): boolean =>
  vmsa !== null && hasSevFeature(readVmsaField(vmsa, 'sevFeatures'), 'AlternateInjection');

/** The event that VMRUN would deliver; null: none. */
export function eventToDeliver(eventInj: bigint, vmsa: Uint8Array | null): InjectedEvent | null {
  const raw = vmsa && isAlternate(vmsa) ? readVmsaField(vmsa, 'eventInj') : eventInj;
  const event = decodeEventInj(raw);
  return event.valid ? event : null;
}

const fails = (by: Rule, name: string, event: InjectedEvent | null, remedy: string): Fault =>
  refuse(
    by,
    name,
    event ? `EVENTINJ asks for vector ${event.vector} as type ${event.type}. ${by.says}` : by.says,
    event ? { vector: event.vector, type: event.type } : {},
    remedy,
  ).fault;

/** Why VMRUN of a guest with a VMSA refuses the event that it would deliver, or null. */
export function injectionRefusal(eventInj: bigint, vmsa: Uint8Array): Fault | null {
  const alternate = isAlternate(vmsa);
  if (alternate && (readVmsaField(vmsa, 'vintrCtrl') & BUSY) !== 0n)
    return fails(INJECTION_RULES.busy, 'VMEXIT_BUSY', null, 'The guest clears BUSY.');
  const event = eventToDeliver(eventInj, vmsa);
  if (!event) return null;
  const restricted = hasSevFeature(readVmsaField(vmsa, 'sevFeatures'), 'RestrictedInjection');
  const exception = event.type === EVENT_TYPES.exception;
  const plainHv = exception && event.vector === VECTORS.HV && event.errorCode === null;
  if (restricted && !plainHv)
    return fails(
      INJECTION_RULES.restricted,
      'VMEXIT_INVALID',
      event,
      '#HV, and the doorbell page for the rest.',
    );
  const forbidden = event.type === EVENT_TYPES.software || (exception && [3, 4].includes(event.vector));
  return forbidden
    ? fails(
        INJECTION_RULES.es,
        'VMEXIT_INVALID',
        event,
        'An external interrupt, an NMI, or another exception.',
      )
    : null;
}

/** Why VMRUN refuses an event of the VMCB, whatever the guest, or null. */
export function malformedEvent(eventInj: bigint): Fault | null {
  const event = decodeEventInj(eventInj);
  if (!event.valid) return null;
  const exception = event.type === EVENT_TYPES.exception;
  const good = TYPES.includes(event.type) && !(exception && (event.vector >= 32 || event.vector === 2));
  return good
    ? null
    : fails(INJECTION_RULES.type, 'VMEXIT_INVALID', event, 'Type 0, 2, 3 or 4, and a vector of it.');
}
