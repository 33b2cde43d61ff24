import { type ActionDefinition, defineAction } from '../core/action';
import { hex } from '../core/address';
import { ok } from '../core/fault';
import { dataBytes, field } from '../core/fields';
import { shown } from '../core/shown';
import { z } from '../core/zod';
import { domainNamed } from '../xen/domain';
import { livingDomains } from '../xen/domains';
import { suggestSpa } from '../xen/suggest';
import { dmaTransfer } from './dma';

const address = field.address(
  'what the device puts on the bus: a guest physical address when it is given to a guest, else a system physical one',
);

const assign = defineAction({
  type: 'device.assign',
  actor: 'hypervisor',
  title: 'Give the device to a guest',
  help: 'Points the device’s IOMMU entry at a guest’s tables, or back at the host’s view when no guest is named.',
  schema: z.strictObject({ type: z.literal('device.assign'), guest: z.optional(field.guest()) }),
  who: () => 'xen',
  describe: ({ guest }) => (guest ? `Xen gives the device to ${guest}` : 'Xen takes the device back'),
  suggest: (p) => ({ guest: livingDomains(p)[0]?.name ?? '' }),
  run: (p, { guest }) => {
    if (!guest) {
      p.trace.set('device', 0, { domain: null });
      return ok(null);
    }
    const domain = domainNamed(p, guest);
    if (!domain.ok) return domain;
    p.trace.set('device', 0, { domain: domain.value.id });
    return ok({ guest });
  },
});

const read = defineAction({
  type: 'device.read',
  actor: 'device',
  title: 'DMA read',
  help: 'The device reads memory: through the IOMMU, with no guest’s key.',
  schema: z.strictObject({
    type: z.literal('device.read'),
    at: address,
    length: z.optional(field.count('bytes, 64 by default', 1, 4096)),
  }),
  who: () => 'device',
  describe: ({ at }) => `The device reads ${hex(at)}`,
  suggest: (p) => ({ at: suggestSpa(p), length: 64 }),
  run: (p, { at, length }) => {
    const moved = dmaTransfer(p, p.state.need('device').domain, at, { length: length ?? 64 });
    return moved.ok ? ok(shown(moved.value)) : moved;
  },
});

const write = defineAction({
  type: 'device.write',
  actor: 'device',
  title: 'DMA write',
  help: 'The device writes memory: through the IOMMU, with no guest’s key.',
  schema: z.strictObject({
    type: z.literal('device.write'),
    at: address,
    data: field.data('text, or bytes as hex:…'),
  }),
  who: () => 'device',
  describe: ({ at }) => `The device writes ${hex(at)}`,
  suggest: (p) => ({ at: suggestSpa(p), data: 'written by DMA' }),
  run: (p, { at, data }) => {
    const moved = dmaTransfer(p, p.state.need('device').domain, at, { bytes: dataBytes(data) });
    return moved.ok ? ok({ length: moved.value.length }) : moved;
  },
});

export const DEVICE_ACTIONS: readonly ActionDefinition[] = [
  assign,
  read,
  write,
] as unknown as readonly ActionDefinition[];
