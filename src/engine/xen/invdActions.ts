import { type ActionDefinition, defineAction } from '../core/action';
import { ok } from '../core/fault';
import { field } from '../core/fields';
import { z } from '../core/zod';
import { invdOn, setInvdWbinvd } from '../cpu/invd';
import { enterHost } from './domain';
import { onCore } from './onCore';

const core = z.optional(field.core('which core, 0 by default'));

const invd = defineAction({
  type: 'cpu.invd',
  actor: 'hypervisor',
  title: 'INVD',
  help: 'Empties the cache of one core’s complex without writing back: dirty bytes are lost.',
  schema: z.strictObject({ type: z.literal('cpu.invd'), core }),
  who: () => 'xen',
  describe: ({ core: on }) => `INVD on core ${on ?? 0}`,
  suggest: () => ({ core: 0 }),
  run: (p, { core: on }) =>
    onCore(p, on, (number) => {
      enterHost(p, number);
      return ok({ lines: invdOn(p, number) });
    }),
});

const hwcr = defineAction({
  type: 'cpu.hwcr',
  actor: 'hypervisor',
  title: 'Write HWCR',
  help: 'MSR C001_0015 of a core, bit 4: INVD acts as WBINVD while it is set.',
  schema: z.strictObject({
    type: z.literal('cpu.hwcr'),
    core,
    invdWbinvd: field.flag('bit 4'),
  }),
  who: () => 'xen',
  describe: ({ core: on, invdWbinvd }) => `HWCR bit 4 = ${invdWbinvd ? 1 : 0} on core ${on ?? 0}`,
  suggest: () => ({ core: 0, invdWbinvd: true }),
  run: (p, { core: on, invdWbinvd }) =>
    onCore(p, on, (number) => {
      setInvdWbinvd(p, number, invdWbinvd);
      return ok(null);
    }),
});

export const INVD_ACTIONS: readonly ActionDefinition[] = [
  invd,
  hwcr,
] as unknown as readonly ActionDefinition[];
