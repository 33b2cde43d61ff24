import { defineAction } from '../core/action';
import { BLOCK_SIZE, hex } from '../core/address';
import { type Outcome, ok } from '../core/fault';
import { field } from '../core/fields';
import type { Json } from '../core/json';
import { OWNER_HYPERVISOR } from '../core/page';
import type { Platform } from '../core/platform';
import { shown } from '../core/shown';
import { z } from '../core/zod';
import { ADJUST_RULE, knownDifference } from '../memory/adjust';
import { hostAccess } from './host';
import { onCore } from './onCore';
import { suggestSpa } from './suggest';
import { wholeBlocks } from './wholeBlocks';

interface Reading {
  readonly at: number;
  readonly from: number;
  readonly to: number;
  readonly length: number;
}

/** What was read, without what moving a block from one place to another has added to its plaintext. */
function untweak(p: Platform, core: number, { at, from, to, length }: Reading): Outcome<Json> {
  const odd = wholeBlocks(from, to, length);
  if (odd) return odd;
  const seen = hostAccess(p, core, 'read', at, 'mapped', length);
  if (!seen.ok) return seen;
  const known = knownDifference(p.config.encryption, from, to, length);
  if (!known) return ok(shown(seen.value));
  const bytes = seen.value.map((byte, i) => byte ^ (known[i] ?? 0));
  const worked = { actor: 'xen', principal: OWNER_HYPERVISOR, address: at, gpa: null, spa: at, length };
  p.trace.fact('saw', { ...worked, key: 'worked out', private: false, hidden: true }, ADJUST_RULE, bytes);
  return ok(shown(bytes));
}

export const UNTWEAK_ACTION = defineAction({
  type: 'host.untweak',
  actor: 'hypervisor',
  title: 'Read, and take the tweaks off',
  help: 'The hypervisor reads what a guest has made of a block that was moved from one address to another, and XORs what the two addresses contributed, where the constants are published.',
  schema: z.strictObject({
    type: z.literal('host.untweak'),
    at: field.address('where it reads'),
    from: field.address('where the block was encrypted'),
    to: field.address('where it was decrypted'),
    length: z.optional(field.count('bytes, 16 by default', 16, 4096)),
    core: z.optional(field.core('which core, 0 by default')),
  }),
  who: () => 'xen',
  describe: ({ at, from, to }) => `Xen reads ${hex(at)} without the tweaks of ${hex(from)} and ${hex(to)}`,
  suggest: (p) => ({ at: suggestSpa(p), from: 0, to: 0x1000, length: BLOCK_SIZE }),
  run: (p, { at, from, to, length, core }) =>
    onCore(p, core, (number) => untweak(p, number, { at, from, to, length: length ?? BLOCK_SIZE })),
});
