import { type ActionDefinition, defineAction } from '../core/action';
import { hex, PAGE_SIZE } from '../core/address';
import { type Outcome, ok, type Rule, refuse } from '../core/fault';
import { dataBytes, field } from '../core/fields';
import type { Json } from '../core/json';
import { OWNER_HYPERVISOR } from '../core/page';
import type { Platform } from '../core/platform';
import { z } from '../core/zod';
import { livingDomains } from './domains';
import { needsGuest, withGuest } from './named';
import { suggestSpa } from './suggest';
import { shapeOf, traceNamed } from './traces';
import { unwatchPages, watchPages } from './watch';

/** How a hypervisor follows a guest, and what it makes of that. */

const TRACE_RULES = {
  equality: {
    id: 'xen.trace-equality',
    says: 'Two runs of one program that look the same from outside may be runs with the same secret; two that do not, are not.',
    source:
      'SEV-Step (IACR TCHES 2024(1)); modelled: the attacker runs the same program in a guest of its own, once with each value',
    standing: 'modelled',
  },
  none: {
    id: 'xen.no-trace',
    says: 'A trace has to be kept before it can be compared.',
    source: 'this simulator',
    standing: 'modelled',
  },
} as const satisfies Record<string, Rule>;

const watch = defineAction({
  type: 'host.watch',
  actor: 'hypervisor',
  title: 'Follow a guest’s pages',
  help: 'Makes pages absent in the nested tables: each use is a nested page fault that names the page, and is then let through.',
  schema: z.strictObject({
    type: z.literal('host.watch'),
    guest: field.guest(),
    gpa: field.address('guest physical address'),
    pages: z.optional(field.count('how many pages, 1 by default', 1, 512)),
    on: z.optional(field.flag('follow them (default), or no more')),
  }),
  who: () => 'xen',
  describe: ({ guest, gpa, pages, on }) =>
    `Xen follows ${pages ?? 1} page${(pages ?? 1) === 1 ? '' : 's'} of ${guest} from GPA ${hex(gpa)}${on === false ? ' no more' : ''}`,
  impossible: needsGuest,
  suggest: (p) => ({ guest: livingDomains(p)[0]?.name ?? '', gpa: 0x10000, pages: 1, on: true }),
  run: (p, { guest, gpa, pages, on }) =>
    withGuest(p, guest, (domain): Outcome<Json> => {
      const done = (on === false ? unwatchPages : watchPages)(p, domain, gpa - (gpa % PAGE_SIZE), pages ?? 1);
      return done.ok ? ok({ following: p.state.cell('watch', domain.id)?.pages.length ?? 0 }) : done;
    }),
});

/** The exits of a trace, as two runs have them in common. */
function shapeNamed(p: Platform, name: string): Outcome<string> {
  const kept = traceNamed(p, name);
  if (kept) return ok(shapeOf(kept.exits));
  return refuse(TRACE_RULES.none, 'refused', `There is no trace “${name}”.`, { trace: name }, 'host.step.');
}

const compare = defineAction({
  type: 'host.compare-traces',
  actor: 'hypervisor',
  title: 'Compare traces',
  help: 'The hypervisor compares how a guest ran with two runs whose secret it knows, and may say what it concludes that the guest keeps.',
  schema: z.strictObject({
    type: z.literal('host.compare-traces'),
    trace: field.text('the trace of the guest', 32),
    first: field.text('a trace with one value of the secret', 32),
    second: field.text('a trace with the other', 32),
    at: z.optional(field.address('system physical address at which the guest keeps its secret')),
    guess: z.optional(field.data('what it concludes that the guest keeps there, whole blocks of 16 bytes')),
  }),
  who: () => 'xen',
  describe: ({ trace, first, second }) => `Xen compares the trace “${trace}” with “${first}” and “${second}”`,
  suggest: (p) => ({ trace: 'guest', first: 'with 0', second: 'with 1', at: suggestSpa(p) }),
  run: (p, { trace, first, second, at, guess }) => {
    const shapes = [];
    for (const name of [trace, first, second]) {
      const shape = shapeNamed(p, name);
      if (!shape.ok) return shape;
      shapes.push(shape.value);
    }
    const [own, ...others] = shapes;
    const equal = others.map((shape) => shape === own);
    const same = equal[0] ? (equal[1] ? 'both' : 'first') : equal[1] ? 'second' : 'neither';
    const by = { principal: OWNER_HYPERVISOR, actor: 'xen' };
    p.trace.fact(
      'note',
      { what: 'traces compared', ...by, trace, first, second, same, spa: at ?? null },
      TRACE_RULES.equality,
      guess === undefined ? new Uint8Array(0) : dataBytes(guess),
    );
    return ok({ same });
  },
});

export const TRACE_ACTIONS: readonly ActionDefinition[] = [
  watch,
  compare,
] as unknown as readonly ActionDefinition[];
