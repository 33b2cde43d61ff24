import { type ActionDefinition, defineAction } from '../core/action';
import { hex } from '../core/address';
import { toHex } from '../core/bytes';
import { ok } from '../core/fault';
import { dataBytes, field } from '../core/fields';
import { z } from '../core/zod';
import { enterHost } from './domain';
import { hostVirtual } from './host';
import { onCore } from './onCore';

const race = defineAction({
  type: 'host.race',
  actor: 'hypervisor',
  title: 'Store while the firmware works',
  help: 'A core repeats a store as often as the secure processor leaves it time while it sets up SNP; without data it stops.',
  schema: z.strictObject({
    type: z.literal('host.race'),
    at: field.address('system physical address'),
    data: z.optional(field.data('text, or bytes as hex:…')),
    core: z.optional(field.core('which core, 0 by default')),
  }),
  who: () => 'xen',
  describe: ({ at, data }) => (data ? `A core keeps storing to ${hex(at)}` : 'The core stops storing'),
  suggest: () => ({ at: 0x80000, data: 'hex:0000000000000000', core: 0 }),
  run: (p, { at, data, core }) =>
    onCore(p, core, (number) => {
      enterHost(p, number);
      const store = (text: string) => ({
        core: number,
        virtual: hostVirtual(at, 'mapped'),
        bytes: toHex(dataBytes(text)),
      });
      p.trace.set('racing', 0, data === undefined ? null : store(data));
      return ok(null);
    }),
});

const route = defineAction({
  type: 'host.route',
  actor: 'hypervisor',
  title: 'Route the secure processor',
  help: 'Programs the data fabric so that what the secure processor writes to a range goes nowhere; without a length everything goes to memory again.',
  schema: z.strictObject({
    type: z.literal('host.route'),
    at: field.address('system physical address'),
    length: z.optional(field.count('bytes', 1, 2 ** 40)),
  }),
  who: () => 'xen',
  describe: ({ at, length }) =>
    length
      ? `The fabric leads the secure processor’s writes from ${hex(at)} nowhere`
      : 'The fabric leads to memory again',
  suggest: () => ({ at: 0x80000, length: 4096 }),
  run: (p, { at, length }) => {
    p.trace.set('routes', 0, length === undefined ? null : { base: at, length });
    return ok(null);
  },
});

export const RACE_ACTIONS: readonly ActionDefinition[] = [
  race,
  route,
] as unknown as readonly ActionDefinition[];
