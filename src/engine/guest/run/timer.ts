import type { Progress } from '../../core/action';
import { GUEST_BASE } from '../../core/address';
import { type Outcome, ok, type Rule, refuse } from '../../core/fault';
import type { Json } from '../../core/json';
import type { Platform } from '../../core/platform';
import { EXIT } from '../../cpu/exits';
import { enterGuest } from '../../xen/domain';
import { leaveGuest } from '../../xen/stub';
import { beginTrace, COUNT, countRetired, endTrace, MOST_EXITS, shapeOf, traceNamed } from '../../xen/traces';
import { coreOf, type Vcpu } from '../memory';
import { step } from './step';

const TIMER_RULES = {
  budget: {
    id: 'xen.timer-budget',
    says: 'A timer that the hypervisor sets before VMRUN interrupts the guest after as many instructions as it has chosen: none, one, or some.',
    source:
      'SEV-Step (IACR TCHES 2024(1)): zero steps, single steps, multi steps of the APIC timer; modelled: it never fires early or late',
    standing: 'modelled',
  },
  full: {
    id: 'xen.trace-full',
    says: 'A trace has room for so many exits.',
    source: 'modelled: nobody waits for an endless run',
    standing: 'modelled',
  },
} as const satisfies Record<string, Rule>;

/** How a run under the timer is to be. */
export interface Timer {
  /** Instructions until it fires. */
  readonly budget: number;
  /** How often the hypervisor enters the guest again. */
  readonly runs: number;
  /** What the trace of it is called. */
  readonly name: string;
}

/** Runs a vCPU under the timer until its program ends; what the hypervisor sees of each exit is kept. */
export function* runUnderTimer(
  p: Platform,
  vcpu: Vcpu,
  { budget, runs, name }: Timer,
): Generator<Progress, Outcome<Json>> {
  const { domain } = vcpu;
  const core = coreOf(p, vcpu);
  leaveGuest(p, core, { code: EXIT.INTR });
  beginTrace(p, name, domain.id, vcpu.vcpu);
  const program = p.state.cell('guest', domain.id)?.program;
  const place = program ? { gpa: program.address - GUEST_BASE, length: program.length } : null;
  p.trace.fact('note', { what: 'trace begins', name, domain: domain.id, program: place }, TIMER_RULES.budget);
  let ended: string | null = null;
  let refused: Outcome<never> | null = null;
  let retired = 0;
  for (let run = 1; run <= runs && ended === null && !refused; run++) {
    const entered = enterGuest(p, domain, core, vcpu.vcpu);
    if (!entered.ok) refused = entered;
    for (let count = 0; count < budget && ended === null && !refused; count++) {
      const stepped = step(p, vcpu);
      if (stepped.ok) {
        ended = stepped.value.ended;
        retired++;
        countRetired(p);
      } else refused = stepped;
      refused ??= room(p, name);
    }
    leaveGuest(p, core, { code: EXIT.INTR });
    yield { done: run, total: runs };
  }
  const { exits } = endTrace(p);
  const shape = shapeOf(exits);
  p.trace.fact('note', { what: 'trace kept', name, domain: domain.id, shape }, COUNT);
  return refused ?? ok({ instructions: retired, exits: exits.length, stopped: ended, text: shape });
}

function room(p: Platform, name: string): Outcome<never> | null {
  if ((traceNamed(p, name)?.exits.length ?? 0) < MOST_EXITS) return null;
  return refuse(
    TIMER_RULES.full,
    'refused',
    `The trace ${name} is full.`,
    { exits: MOST_EXITS },
    'Fewer instructions, or more of them in each run.',
  );
}
