import { type ActionDefinition, defineAction } from '../core/action';
import { hex } from '../core/address';
import { ok } from '../core/fault';
import { dataBytes, field } from '../core/fields';
import { capital } from '../core/words';
import { z } from '../core/zod';
import { givePage, switchProcess } from './processes';
import { readyVcpu } from './ready';
import { needsGuest, suggestPlace, withGuest } from './withGuest';

/** Processes of a guest: address spaces below its kernel’s, and the switch from one to another. */

const process = field.text('which process', 32);

const give = defineAction({
  type: 'guest.process',
  actor: 'guest',
  title: 'Give a process a page',
  help: 'The kernel puts a fresh private page at a virtual address of a process, below 512 GiB. A process that is not there yet is made.',
  schema: z.strictObject({
    type: z.literal('guest.process'),
    guest: field.guest(),
    process,
    at: field.address('virtual address in the process'),
    data: field.data('what the page begins with: text, or bytes as hex:…'),
    name: z.optional(field.text('what the page is called, as the process by default', 32)),
  }),
  who: ({ guest }) => guest,
  describe: ({ guest, process: name, at }) => `${capital(guest)}’s process ${name} gets a page at ${hex(at)}`,
  impossible: needsGuest,
  suggest: (p) => ({
    guest: suggestPlace(p).guest,
    process: 'shell',
    at: 0x400000,
    data: 'a page of its own',
  }),
  run: (p, { guest, process: name, at, data, name: page }) =>
    withGuest(p, guest, (domain) => {
      const own = givePage(p, domain, { process: name, at, page: page ?? name, bytes: dataBytes(data) });
      return own.ok ? ok({ at: own.value }) : own;
    }),
});

const go = defineAction({
  type: 'guest.switch',
  actor: 'guest',
  title: 'Switch to a process',
  help: 'The kernel writes a process’s CR3 on a vCPU, which drops what the TLB of that core holds under the guest’s ASID.',
  schema: z.strictObject({
    type: z.literal('guest.switch'),
    guest: field.guest(),
    process,
    vcpu: z.optional(field.count('which vCPU, 0 by default', 0, 127)),
  }),
  who: ({ guest }) => guest,
  describe: ({ guest, process: name, vcpu }) =>
    `${capital(guest)}’s vCPU ${vcpu ?? 0} goes to process ${name}`,
  impossible: needsGuest,
  suggest: (p) => ({ guest: suggestPlace(p).guest, process: 'shell' }),
  run: (p, { guest, process: name, vcpu }) =>
    withGuest(p, guest, (domain) => {
      const ready = readyVcpu(p, domain, vcpu ?? 0);
      return ready.ok ? switchProcess(p, ready.value, name) : ready;
    }),
});

export const PROCESS_ACTIONS: readonly ActionDefinition[] = [
  give,
  go,
] as unknown as readonly ActionDefinition[];
