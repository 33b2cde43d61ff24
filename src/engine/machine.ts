import { type Action, definitionOf, impossible } from './actions';
import { KeyStore } from './asp/keys';
import type { Progress } from './core/action';
import type { MachineConfig } from './core/config';
import { type Outcome, type Rule, refuse } from './core/fault';
import type { Json } from './core/json';
import type { KeySelector } from './core/key';
import type { Cipher, Platform } from './core/platform';
import { State } from './core/state';
import { type Recorder, Trace } from './core/trace';
import { drain } from './memory/flush';
import { boot } from './xen/boot';

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

/** The simulated computer: configuration and actions in, changes out. */
export class Machine implements Platform {
  readonly config: MachineConfig;
  readonly state: State;
  readonly trace: Trace;
  readonly blobs: ReadonlyMap<string, Uint8Array>;
  private readonly keys: KeyStore;

  /** Powers the machine on; the power-on is recorded like everything else. */
  constructor(config: MachineConfig, recorder: Recorder, blobs: ReadonlyMap<string, Uint8Array>) {
    const { sockets, complexes, cores, threads } = config.topology;
    this.config = config;
    this.state = new State(sockets * complexes, sockets * complexes * cores * threads);
    this.trace = new Trace(this.state, recorder);
    this.blobs = blobs;
    this.keys = new KeyStore(config);
    boot(this);
  }

  cipher(key: KeySelector): Cipher | null {
    return this.keys.cipher(this.state, key);
  }

  /**
   * Runs one action, which must have passed its schema; yields now and then in long ones. The state is always the sum of
   * what was recorded.
   */
  *perform(action: Action): Generator<Progress, Outcome<Json>> {
    const definition = definitionOf(action.type);
    if (!definition)
      return refuse(
        UNKNOWN,
        'refused',
        `Nobody knows how to do ${action.type}.`,
        { type: action.type },
        'An action of the vocabulary.',
      );
    const { trace } = this;
    trace.open(layerOf(definition.actor), definition.who(action as never), action.type, action);
    const why = impossible(this, definition);
    let outcome: Outcome<Json>;
    if (why) {
      outcome = trace.refused({ ok: false, fault: why });
    } else {
      const running = definition.run(this, action as never);
      outcome = 'ok' in running ? running : yield* running;
      if (this.config.writeBack === 'soon' && this.state.need('power').on) this.settle();
    }
    trace.close(outcome.ok ? outcome.value : null, outcome);
    return outcome;
  }

  private settle(): void {
    if (!this.state.caches.some((cache) => [...cache.values()].some((line) => line.dirty))) return;
    this.trace.call('memory', 'xen', 'write back', {}, () => {
      this.trace.fact('note', { what: 'time passes' }, DRAIN);
      return drain(this);
    });
  }
}

const layerOf = (actor: string): Parameters<Trace['open']>[0] =>
  actor === 'hypervisor'
    ? 'xen'
    : actor === 'firmware'
      ? 'asp'
      : (actor as 'guest' | 'toolstack' | 'device' | 'physical');
