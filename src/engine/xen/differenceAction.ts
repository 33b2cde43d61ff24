import { defineAction } from '../core/action';
import { hex } from '../core/address';
import { type Outcome, ok, type Rule } from '../core/fault';
import { field } from '../core/fields';
import type { Json } from '../core/json';
import { OWNER_HYPERVISOR } from '../core/page';
import type { Platform } from '../core/platform';
import { shown } from '../core/shown';
import { z } from '../core/zod';
import { hostAccess } from './host';
import { onCore } from './onCore';
import { suggestSpa } from './suggest';

const DIFFERENCE: Rule = {
  id: 'xen.difference',
  says: 'Who sees a value before and after an instruction sees what the instruction did to it: the XOR of both is what was XORed.',
  source: 'SEVerESt (Werner et al., AsiaCCS 2019): registers of one exit compared with those of the next',
  standing: 'published',
};

const WORD = 8;

function difference(p: Platform, core: number, at: number, kept: number, length: number): Outcome<Json> {
  const now = hostAccess(p, core, 'read', at, 'mapped', length);
  if (!now.ok) return now;
  const before = hostAccess(p, core, 'read', kept, 'mapped', length);
  if (!before.ok) return before;
  const bytes = now.value.map((byte, i) => byte ^ (before.value[i] ?? 0));
  const worked = { actor: 'xen', principal: OWNER_HYPERVISOR, address: at, gpa: null, spa: at, length };
  p.trace.fact('saw', { ...worked, key: 'worked out', private: false, hidden: true }, DIFFERENCE, bytes);
  const words = Array.from({ length: Math.ceil(length / WORD) }, (_, i) => i * WORD);
  const changed = words.filter((from) => bytes.subarray(from, from + WORD).some((byte) => byte !== 0));
  return ok({ ...shown(bytes), changed });
}

export const DIFFERENCE_ACTION = defineAction({
  type: 'host.difference',
  actor: 'hypervisor',
  title: 'Compare two moments',
  help: 'The hypervisor XORs what it reads at an address with what it has kept of it, and sees which quadwords have changed.',
  schema: z.strictObject({
    type: z.literal('host.difference'),
    at: field.address('system physical address'),
    with: field.address('where the copy lies'),
    length: z.optional(field.count('bytes, 16 by default', 1, 4096)),
    core: z.optional(field.core('which core, 0 by default')),
  }),
  who: () => 'xen',
  describe: ({ at, with: kept }) => `Xen XORs ${hex(at)} with its copy at ${hex(kept)}`,
  suggest: (p) => ({ at: suggestSpa(p), with: 0x80000, length: 16 }),
  run: (p, { at, with: kept, length, core }) =>
    onCore(p, core, (number) => difference(p, number, at, kept, length ?? 16)),
});
