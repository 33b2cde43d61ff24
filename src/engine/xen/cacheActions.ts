import { type ActionDefinition, defineAction } from '../core/action';
import { hex, PAGE_SIZE, pageBase } from '../core/address';
import { ok, type Rule, refuse } from '../core/fault';
import { field } from '../core/fields';
import { HOST_KEY, NO_KEY } from '../core/key';
import { z } from '../core/zod';
import { featuresOf } from '../cpu/cpuid';
import { flushAll, flushAsid, invlpg } from '../cpu/tlb';
import { wbinvdOn } from '../cpu/wbinvd';
import { flushRange, flushTagged } from '../memory/flush';
import { reach } from '../memory/regions';
import { enterHost } from './domain';
import { livingDomains } from './domains';
import { INVD_ACTIONS } from './invdActions';
import { onCore } from './onCore';
import { suggestSpa } from './suggest';

/** What the hypervisor does with caches and TLBs. */

const spa = field.address('system physical address');
const core = z.optional(field.core('which core, 0 by default'));

const wbinvdAction = defineAction({
  type: 'cpu.wbinvd',
  actor: 'hypervisor',
  title: 'WBINVD',
  help: 'Writes back and empties the cache of one core’s complex; the other complexes keep their lines.',
  schema: z.strictObject({ type: z.literal('cpu.wbinvd'), core }),
  who: () => 'xen',
  describe: ({ core: on }) => `WBINVD on core ${on ?? 0}`,
  suggest: () => ({ core: 0 }),
  run: (p, { core: on }) =>
    onCore(p, on, (number) => {
      enterHost(p, number);
      return ok({ lines: wbinvdOn(p, number) });
    }),
});

const clflush = defineAction({
  type: 'cpu.clflush',
  actor: 'hypervisor',
  title: 'CLFLUSH',
  help: 'Flushes the lines of an address through a mapping with C = 0 or C = 1, from all complexes; guest-tagged lines only where hardware is coherent.',
  schema: z.strictObject({
    type: z.literal('cpu.clflush'),
    at: spa,
    length: z.optional(field.count('bytes, 64 by default', 1, 4096)),
    c: z.optional(field.flag('through a mapping with C = 1')),
  }),
  who: () => 'xen',
  describe: ({ at }) => `CLFLUSH ${hex(at)}`,
  suggest: (p) => ({ at: suggestSpa(p), length: 64, c: false }),
  run: (p, { at, length: bytes, c }) => {
    const reached = reach(p, at, bytes ?? 64);
    if (!reached.ok) return p.trace.refused(reached);
    return ok({ lines: flushRange(p, at, bytes ?? 64, c ? HOST_KEY : NO_KEY) });
  },
});

const NO_PAGE_FLUSH: Rule = {
  id: 'cpu.vmpage-flush',
  says: 'MSR C001_011E exists where CPUID Fn8000_001F[EAX] bit 2 is set; ASID 0 or an address that is not mapped raises #GP(0).',
  source: 'APM vol. 2 §15.34.9',
  standing: 'published',
};

const vmpageFlush = defineAction({
  type: 'cpu.vmpage-flush',
  actor: 'hypervisor',
  title: 'VMPAGE_FLUSH',
  help: 'Writes back and drops the lines of one page that are tagged with a guest’s ASID.',
  schema: z.strictObject({
    type: z.literal('cpu.vmpage-flush'),
    at: spa,
    asid: field.count('the guest’s ASID', 0, 4095),
  }),
  who: () => 'xen',
  describe: ({ at, asid }) => `VMPAGE_FLUSH ${hex(at)} for ASID ${asid}`,
  impossible: (p) =>
    featuresOf(p.state).has('PageFlushMsr')
      ? null
      : refuse(
          NO_PAGE_FLUSH,
          '#GP',
          'This generation has no VMPAGE_FLUSH MSR: its caches are coherent instead.',
          { generation: p.config.generation },
          'Naples, Rome or Milan.',
        ).fault,
  suggest: (p) => ({ at: suggestSpa(p), asid: livingDomains(p)[0]?.asid ?? 1 }),
  run: (p, { at, asid }) => {
    if (asid === 0) return refuse(NO_PAGE_FLUSH, '#GP', 'ASID 0 is the host’s.', { asid }, 'A guest’s ASID.');
    const page = pageBase(at);
    if (!reach(p, page, PAGE_SIZE).ok)
      return refuse(
        NO_PAGE_FLUSH,
        '#GP',
        `Xen maps nothing at ${hex(page)}.`,
        { address: page },
        'An address in DRAM.',
      );
    return ok({ lines: flushTagged(p, page, PAGE_SIZE, asid) });
  },
});

const tlbFlush = defineAction({
  type: 'cpu.tlb-flush',
  actor: 'hypervisor',
  title: 'Flush a TLB',
  help: 'Drops translations of a core: all of them (TLB_CONTROL 1), those of one ASID (TLB_CONTROL 3), or the ones of an address (INVLPG, INVLPGA).',
  schema: z.strictObject({
    type: z.literal('cpu.tlb-flush'),
    core,
    asid: z.optional(field.count('only this ASID', 0, 32767)),
    at: z.optional(field.address('only this virtual address')),
  }),
  who: () => 'xen',
  describe: ({ core: on, at }) =>
    at === undefined ? `Flush the TLB of core ${on ?? 0}` : `INVLPG ${hex(at)}`,
  suggest: () => ({ core: 0 }),
  run: (p, { core: on, asid, at }) =>
    onCore(p, on, (number) => {
      enterHost(p, number);
      if (at !== undefined) return ok({ entries: invlpg(p, number, asid ?? 0, at) });
      return ok({ entries: asid === undefined ? flushAll(p, number) : flushAsid(p, number, asid) });
    }),
});

export const CACHE_ACTIONS = [
  wbinvdAction,
  ...INVD_ACTIONS,
  clflush,
  vmpageFlush,
  tlbFlush,
] as unknown as readonly ActionDefinition[];
