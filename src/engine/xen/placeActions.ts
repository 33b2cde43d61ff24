import { type ActionDefinition, defineAction } from '../core/action';
import { ok } from '../core/fault';
import { field } from '../core/fields';
import { z } from '../core/zod';
import { EXIT } from '../cpu/exits';
import { livingDomains } from './domains';
import { patchVcpu, patchVcpus, vcpusOf } from './exits/vcpus';
import { needsGuest, withGuest, withVcpu } from './named';
import { onCore } from './onCore';
import { leaveGuest } from './stub';

/** Where a guest’s vCPUs run, and what they find in the TLB there. */

const pin = defineAction({
  type: 'xen.pin',
  actor: 'hypervisor',
  title: 'Pin a vCPU to a core',
  help: 'From now on this vCPU runs on this core and no other (xl vcpu-pin); several may share one.',
  schema: z.strictObject({
    type: z.literal('xen.pin'),
    guest: field.guest(),
    vcpu: z.optional(field.count('which of its vCPUs, 0 by default', 0, 127)),
    core: field.core(),
  }),
  who: () => 'xen',
  describe: ({ guest, vcpu, core }) => `Xen pins ${guest}’s vCPU ${vcpu ?? 0} to core ${core}`,
  impossible: needsGuest,
  suggest: (p) => ({ guest: livingDomains(p)[0]?.name ?? '', vcpu: 0, core: livingDomains(p)[0]?.core ?? 1 }),
  run: (p, { guest, vcpu = 0, core }) =>
    onCore(p, core, (number) =>
      withVcpu(p, guest, vcpu, (domain) => {
        for (let each = 0; each < p.state.tlbs.length; each++) {
          const running = p.state.need('core', each);
          if (each !== number && running.domain === domain.id && running.vcpu === vcpu)
            leaveGuest(p, each, { code: EXIT.INTR });
        }
        if (vcpu === 0) p.trace.patch('domain', domain.id, { core: number });
        else patchVcpu(p, domain, vcpu, { core: number });
        return ok(null);
      }),
    ),
});

const flush = defineAction({
  type: 'xen.withhold-flush',
  actor: 'hypervisor',
  title: 'Withhold flushes of the TLB',
  help: 'From now on Xen enters this guest with TLB_CONTROL 0, even where another vCPU of it has run on the core, or flushes as it should again.',
  schema: z.strictObject({
    type: z.literal('xen.withhold-flush'),
    guest: field.guest(),
    on: field.flag('withhold them'),
  }),
  who: () => 'xen',
  describe: ({ guest, on }) =>
    on
      ? `Xen asks for no flush of ${guest}’s translations`
      : `Xen flushes ${guest}’s translations as it should`,
  impossible: needsGuest,
  suggest: (p) => ({ guest: livingDomains(p)[0]?.name ?? '', on: true }),
  run: (p, { guest, on }) =>
    withGuest(p, guest, (domain) => {
      const { withholdsFlush: _, ...rest } = vcpusOf(p, domain);
      if (on) patchVcpus(p, domain, { withholdsFlush: true });
      else p.trace.set('vcpus', domain.id, rest);
      return ok(null);
    }),
});

export const PLACE_ACTIONS: readonly ActionDefinition[] = [
  pin,
  flush,
] as unknown as readonly ActionDefinition[];
