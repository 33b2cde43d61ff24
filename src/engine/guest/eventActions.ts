import { type ActionDefinition, defineAction } from '../core/action';
import { GUEST_BASE, PAGE_SIZE } from '../core/address';
import { uint } from '../core/bytes';
import { type Outcome, ok, type Rule, refuse } from '../core/fault';
import { field } from '../core/fields';
import type { Json } from '../core/json';
import type { Platform } from '../core/platform';
import { unpackRegisters } from '../core/registers';
import { capital } from '../core/words';
import { z } from '../core/zod';
import { EVENT_TYPES, encodeEventInj, type InjectedEvent } from '../cpu/eventInj';
import { VECTORS } from '../cpu/exits';
import { SOFTWARE_EVENT } from '../cpu/ghcb/softwareEvents';
import { registersOf } from '../cpu/vmrun';
import { VMSA_FIELDS } from '../cpu/vmsaFields';
import { enterGuest } from '../xen/domain';
import { DOORBELL } from '../xen/exits/doorbell';
import { injectEvent } from '../xen/inject';
import { allocate } from './allocate';
import { convertPages } from './convert';
import { coreOf, type Vcpu, vcpuAccess } from './memory';
import { readyVcpu } from './ready';
import { takeEvent } from './run/event';
import { ask } from './vc/ask';
import { needsGuest, suggestPlace, withGuest } from './withGuest';

/** Events from outside, and who in the guest handles them. */

const KINDS = ['interrupt', 'nmi', 'exception', 'software'] as const;
const vcpu = z.optional(field.count('which vCPU, 0 by default', 0, 127));
const vector = field.count('vector, 0 to 255', 0, 255);
const kind = field.choice('what kind of event', KINDS);
const error = z.optional(field.count('error code of an exception; #VC: the exit code', 0, 2 ** 32 - 1));

const NO_VMSA: Rule = {
  id: 'guest.no-such-vmsa',
  says: 'A level injects into a VMSA that it has made itself.',
  source: 'APM vol. 2 §15.36.16',
  standing: 'published',
};

const eventOf = (of: (typeof KINDS)[number], number: number, code: number | undefined): InjectedEvent => ({
  valid: true,
  vector: number,
  type: EVENT_TYPES[of],
  errorCode: code ?? null,
});

const ready = (p: Platform, guest: string, number: number, body: (vcpu: Vcpu) => Outcome<Json>) =>
  withGuest(p, guest, (domain): Outcome<Json> => {
    const found = readyVcpu(p, domain, number);
    return found.ok ? body(found.value) : found;
  });

const inject = defineAction({
  type: 'host.inject',
  actor: 'hypervisor',
  title: 'Inject an event',
  help: 'Xen has VMRUN deliver an interrupt or an exception into a guest, through EVENTINJ of the VMCB, or #HV with the vector in the guest’s doorbell page; the guest’s handler runs.',
  schema: z.strictObject({
    type: z.literal('host.inject'),
    guest: field.guest(),
    kind,
    vector,
    error,
    through: z.optional(field.choice('how, the VMCB by default', ['vmcb', 'doorbell'])),
    vcpu,
  }),
  who: () => 'xen',
  describe: ({ guest, kind: of, vector: number }) => `Xen injects ${of} ${number} into ${guest}`,
  impossible: needsGuest,
  suggest: (p) => ({ guest: suggestPlace(p).guest, kind: 'interrupt', vector: 0x80 }),
  run: (p, { guest, kind: of, vector: number, error: code, through, vcpu: which }) =>
    ready(p, guest, which ?? 0, (to) => {
      const rings = through === 'doorbell';
      const event = rings ? eventOf('exception', VECTORS.HV, undefined) : eventOf(of, number, code);
      const at = { vcpu: to.vcpu, core: coreOf(p, to), doorbell: rings ? number : null };
      const injected = injectEvent(p, to.domain, at, event);
      if (!injected.ok) return injected;
      if (!injected.value) return ok({ delivered: false });
      const taken = takeEvent(p, to);
      return taken.ok ? ok({ delivered: true, ...taken.value }) : taken;
    }),
});

const injectBelow = defineAction({
  type: 'guest.inject',
  actor: 'guest',
  title: 'Inject into a lower level',
  help: 'A level of an SNP guest writes an event into the VMSA of a less privileged one; with AlternateInjection it is delivered when that runs next.',
  schema: z.strictObject({
    type: z.literal('guest.inject'),
    guest: field.guest(),
    vmpl: field.count('which VMPL', 0, 3),
    kind,
    vector,
    error,
    vcpu,
  }),
  who: ({ guest }) => guest,
  describe: ({ guest, vmpl, vector: number }) =>
    `${capital(guest)} injects vector ${number} into VMPL${vmpl}`,
  impossible: needsGuest,
  suggest: (p) => ({ guest: suggestPlace(p).guest, vmpl: 2, kind: 'interrupt', vector: 0x40 }),
  run: (p, { guest, vmpl, kind: of, vector: number, error: code, vcpu: which }) =>
    withGuest(p, guest, (domain): Outcome<Json> => {
      const name = `VMSA of vCPU ${which ?? 0}, VMPL${vmpl}`;
      const page = p.state.need('guest', domain.id).objects.findLast((object) => object.name === name);
      if (!page)
        return refuse(
          NO_VMSA,
          'refused',
          `${domain.name} has made no ${name}.`,
          { vmpl },
          'guest.create-vmsa.',
        );
      const bytes = uint(encodeEventInj(eventOf(of, number, code)), 8);
      const at = page.address + VMSA_FIELDS.eventInj.offset;
      const written = vcpuAccess(p, { domain, vcpu: 0 }, 'write', at, bytes.length, bytes);
      return written.ok ? ok({ at }) : written;
    }),
});

const onEvent = defineAction({
  type: 'guest.on-event',
  actor: 'guest',
  title: 'Install a handler',
  help: 'The program has an event of its choice delivered to code of its own, which ends with IRETQ; behind an error code, if there is one.',
  schema: z.strictObject({
    type: z.literal('guest.on-event'),
    guest: field.guest(),
    vector,
    at: z.optional(field.address('guest virtual address of the handler; none: the kernel’s own again')),
  }),
  who: ({ guest }) => guest,
  describe: ({ guest, vector: number }) => `${capital(guest)} installs a handler of vector ${number}`,
  impossible: needsGuest,
  suggest: (p) => ({ ...suggestPlace(p), vector: 0 }),
  run: (p, { guest, vector: number, at }) =>
    withGuest(p, guest, ({ id }): Outcome<Json> => {
      const { [number]: _, ...others } = p.state.need('guest', id).handlers ?? {};
      p.trace.patch('guest', id, { handlers: at === undefined ? others : { ...others, [number]: at } });
      return ok(null);
    }),
});

/** A page that the kernel shares with Xen, and Xen’s word that it uses it. */
function makeDoorbell(p: Platform, to: Vcpu): Outcome<Json> {
  const { domain } = to;
  const page = allocate(p, domain, { name: 'doorbell', kind: 'bytes', length: PAGE_SIZE });
  if (!page.ok) return page;
  const shared = convertPages(p, domain, page.value, 1, { shared: true, flush: true, keep: false });
  if (!shared.ok) return shared;
  const cleared = vcpuAccess(
    p,
    { domain, vcpu: 0 },
    'write',
    page.value,
    PAGE_SIZE,
    new Uint8Array(PAGE_SIZE),
    true,
  );
  if (!cleared.ok) return cleared;
  const entered = enterGuest(p, domain, coreOf(p, to), to.vcpu);
  if (!entered.ok) return entered;
  const request = {
    code: SOFTWARE_EVENT.HV_DOORBELL_PAGE,
    info1: DOORBELL.set,
    info2: BigInt(page.value - GUEST_BASE),
  };
  const answered = ask(p, to, request, unpackRegisters(registersOf(p, coreOf(p, to))));
  if (!answered.ok) return answered;
  const { doorbells } = p.state.need('guest', domain.id);
  p.trace.patch('guest', domain.id, { doorbells: { ...doorbells, [to.vcpu]: page.value } });
  return ok({ at: page.value });
}

const doorbell = defineAction({
  type: 'guest.doorbell',
  actor: 'guest',
  title: 'Share a doorbell page',
  help: 'The kernel of an SNP guest shares a page in which Xen leaves what #HV is about, as RestrictedInjection needs it.',
  schema: z.strictObject({ type: z.literal('guest.doorbell'), guest: field.guest(), vcpu }),
  who: ({ guest }) => guest,
  describe: ({ guest }) => `${capital(guest)} shares a doorbell page`,
  impossible: needsGuest,
  suggest: (p) => ({ guest: suggestPlace(p).guest }),
  run: (p, { guest, vcpu: number }) => ready(p, guest, number ?? 0, (to) => makeDoorbell(p, to)),
});

export const EVENT_ACTIONS: readonly ActionDefinition[] = [
  inject,
  injectBelow,
  onEvent,
  doorbell,
] as unknown as readonly ActionDefinition[];
