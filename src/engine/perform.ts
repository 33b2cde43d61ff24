import { type Action, definitionOf, impossible } from './actions';
import type { Progress } from './core/action';
import { type Outcome, type Rule, refuse } from './core/fault';
import type { Json } from './core/json';
import type { Trace } from './core/trace';
import type { Machine } from './machine';
import { drain } from './memory/flush';

const UNKNOWN: Rule = {
  id: 'machine.unknown-action',
  says: 'Only what the vocabulary lists can be done.',
  source: 'npm run -s cli -- actions',
  standing: 'published',
};

const DRAIN: Rule = {
  id: 'machine.write-back',
  says: 'Dirty lines reach DRAM at the end of each action, as time would bring them there.',
  source: 'modelled; the machine’s write-back setting turns it off',
  standing: 'modelled',
};

/** How a machine performs an action of the vocabulary. */
export function* perform(machine: Machine, action: Action): Generator<Progress, Outcome<Json>> {
  const definition = definitionOf(action.type);
  if (!definition)
    return refuse(
      UNKNOWN,
      'refused',
      `Nobody knows how to do ${action.type}.`,
      { type: action.type },
      'An action of the vocabulary.',
    );
  const { trace } = machine;
  trace.open(layerOf(definition.actor), definition.who(action as never), action.type, action);
  const why = impossible(machine, definition);
  let outcome: Outcome<Json>;
  if (why) {
    outcome = trace.refused({ ok: false, fault: why });
  } else {
    const running = definition.run(machine, action as never);
    outcome = 'ok' in running ? running : yield* running;
    if (machine.config.writeBack === 'soon' && machine.state.need('power').on) settle(machine);
  }
  trace.close(outcome.ok ? outcome.value : null, outcome);
  return outcome;
}

function settle(machine: Machine): void {
  if (!machine.state.caches.some((cache) => [...cache.values()].some((line) => line.dirty))) return;
  machine.trace.call('memory', 'xen', 'write back', {}, () => {
    machine.trace.fact('note', { what: 'time passes' }, DRAIN);
    return drain(machine);
  });
}

const layerOf = (actor: string): Parameters<Trace['open']>[0] =>
  actor === 'hypervisor'
    ? 'xen'
    : actor === 'firmware'
      ? 'asp'
      : (actor as 'guest' | 'toolstack' | 'device' | 'owner' | 'physical');
