import { defineAction } from '../core/action';
import { BLOCK_SIZE, hex } from '../core/address';
import { bytesEqual } from '../core/bytes';
import { type Outcome, ok, type Rule } from '../core/fault';
import { dataBytes, field } from '../core/fields';
import type { Json } from '../core/json';
import { OWNER_HYPERVISOR } from '../core/page';
import type { Platform } from '../core/platform';
import { z } from '../core/zod';
import { hostAccess } from './host';
import { onCore } from './onCore';
import { suggestSpa } from './suggest';
import { wholeBlocks } from './wholeBlocks';

const DETERMINISTIC: Rule = {
  id: 'memory.deterministic',
  says: 'Nothing but key, address and plaintext goes into a block of ciphertext: at one place and under one key the same ciphertext is the same plaintext.',
  source:
    'A Systematic Look at Ciphertext Side Channels on AMD SEV-SNP (Li et al., IEEE S&P 2022); CipherLeaks (USENIX Security 2021)',
  standing: 'published',
};

interface Comparison {
  readonly at: number;
  readonly kept: number;
  readonly length: number;
  /** What the hypervisor says that it has learned; empty for nothing. */
  readonly guess: Uint8Array;
}

function compare(p: Platform, core: number, { at, kept, length, guess }: Comparison): Outcome<Json> {
  const odd = wholeBlocks(at, length);
  if (odd) return odd;
  const now = hostAccess(p, core, 'read', at, '0', length);
  if (!now.ok) return now;
  const before = hostAccess(p, core, 'read', kept, '0', length);
  if (!before.ok) return before;
  const equal = bytesEqual(now.value, before.value);
  const data = { what: 'compared', principal: OWNER_HYPERVISOR, actor: 'xen', spa: at, length, equal };
  p.trace.fact('note', data, DETERMINISTIC, guess);
  return ok({ equal });
}

export const COMPARE_ACTION = defineAction({
  type: 'host.compare',
  actor: 'hypervisor',
  title: 'Compare ciphertext',
  help: 'The hypervisor compares what lies at an address with a copy that it made of the same address earlier, and may say what it concludes.',
  schema: z.strictObject({
    type: z.literal('host.compare'),
    at: field.address('system physical address'),
    with: field.address('where the copy lies'),
    length: z.optional(field.count('bytes, 16 by default', 16, 4096)),
    guess: z.optional(field.data('what it concludes that the guest keeps or kept there, text or hex:…')),
    core: z.optional(field.core('which core, 0 by default')),
  }),
  who: () => 'xen',
  describe: ({ at, with: kept }) => `Xen compares ${hex(at)} with its copy at ${hex(kept)}`,
  suggest: (p) => ({ at: suggestSpa(p), with: 0x80000, length: BLOCK_SIZE }),
  run: (p, { at, with: kept, length, guess, core }) =>
    onCore(p, core, (number) =>
      compare(p, number, {
        at,
        kept,
        length: length ?? BLOCK_SIZE,
        guess: guess === undefined ? new Uint8Array(0) : dataBytes(guess),
      }),
    ),
});
