import { type ActionDefinition, defineAction, type Progress } from '../core/action';
import type { Outcome } from '../core/fault';
import { field } from '../core/fields';
import type { Json } from '../core/json';
import { z } from '../core/zod';
import { withProgram } from './programActions';
import { runUnderTimer } from './run/timer';
import { needsGuest, suggestPlace } from './withGuest';

/** A guest’s program, run by a hypervisor that lets go of it for a few instructions at a time. */
export const STEP_ACTION = defineAction({
  type: 'host.step',
  actor: 'hypervisor',
  title: 'Step a guest under a timer',
  help: 'The hypervisor enters the guest again and again; its timer interrupts after so many instructions. What it sees of each exit becomes a trace.',
  schema: z.strictObject({
    type: z.literal('host.step'),
    guest: field.guest(),
    trace: field.text('what the trace is called', 32),
    budget: z.optional(field.count('instructions until the timer fires, 1 by default', 0, 512)),
    runs: z.optional(
      field.count('how often it enters the guest, 256 by default; the program’s end is the end', 1, 512),
    ),
    vcpu: z.optional(field.count('which vCPU, 0 by default', 0, 127)),
  }),
  who: () => 'xen',
  describe: ({ guest, budget, trace }) =>
    `Xen steps ${guest}, ${budget ?? 1} instruction${(budget ?? 1) === 1 ? '' : 's'} at a time, and keeps the trace “${trace}”`,
  impossible: needsGuest,
  suggest: (p) => ({ guest: suggestPlace(p).guest, trace: 'first', budget: 1, runs: 64 }),
  run: function* (p, { guest, trace, budget, runs, vcpu }): Generator<Progress, Outcome<Json>> {
    const found = withProgram(p, guest, vcpu ?? 0);
    if (!found.ok) return found;
    return yield* runUnderTimer(p, found.value, { budget: budget ?? 1, runs: runs ?? 256, name: trace });
  },
}) as unknown as ActionDefinition;
