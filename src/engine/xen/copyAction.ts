import { defineAction } from '../core/action';
import { hex, PAGE_SIZE } from '../core/address';
import { type Outcome, ok } from '../core/fault';
import { field } from '../core/fields';
import type { Json } from '../core/json';
import type { Platform } from '../core/platform';
import { shown } from '../core/shown';
import { z } from '../core/zod';
import { ADJUST_RULE, adjustment } from '../memory/adjust';
import { type HostView, hostAccess } from './host';
import { onCore } from './onCore';
import { suggestSpa } from './suggest';
import { wholeBlocks } from './wholeBlocks';

interface Copy {
  readonly from: number;
  readonly to: number;
  readonly length: number;
  readonly view: HostView;
  readonly core: number;
  readonly adjust: boolean;
}

function copy(p: Platform, { from, to, length, view, core, adjust }: Copy): Outcome<Json> {
  const odd = adjust ? wholeBlocks(from, to, length) : null;
  if (odd) return odd;
  const seen = hostAccess(p, core, 'read', from, view, length);
  if (!seen.ok) return seen;
  const known = adjust ? adjustment(p.config.encryption, from, to, length) : null;
  if (adjust)
    p.trace.fact('note', { what: 'tweak', from, to, known: known !== null }, ADJUST_RULE, known ?? undefined);
  const bytes = known ? seen.value.map((byte, i) => byte ^ (known[i] ?? 0)) : seen.value;
  const written = hostAccess(p, core, 'write', to, view, length, bytes);
  return written.ok ? ok(shown(bytes)) : written;
}

export const COPY_ACTION = defineAction({
  type: 'host.copy',
  actor: 'hypervisor',
  title: 'Copy memory',
  help: 'The hypervisor copies bytes from one physical address to another: ciphertext, when it copies with C = 0.',
  schema: z.strictObject({
    type: z.literal('host.copy'),
    from: field.address('system physical address'),
    to: field.address('system physical address'),
    length: z.optional(field.count('bytes, 64 by default', 1, 4096)),
    c: z.optional(field.choice('through which mapping: as mapped, C = 0 or C = 1', ['mapped', '0', '1'])),
    adjust: z.optional(
      field.flag('XOR what the two addresses contribute to whole blocks, where the constants are published'),
    ),
    core: z.optional(field.core('which core, 0 by default')),
  }),
  who: () => 'xen',
  describe: ({ from, to, adjust }) =>
    `Xen copies ${hex(from)} to ${hex(to)}${adjust ? ' and corrects the tweak' : ''}`,
  suggest: (p) => ({ from: suggestSpa(p), to: suggestSpa(p) + PAGE_SIZE, length: 64, c: '0' }),
  run: (p, { from, to, length, c, adjust, core }) =>
    onCore(p, core, (number) =>
      copy(p, {
        from,
        to,
        length: length ?? 64,
        view: c ?? 'mapped',
        core: number,
        adjust: adjust ?? false,
      }),
    ),
});
