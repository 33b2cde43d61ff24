import type { Action } from './actions';
import { KeyStore } from './asp/keys';
import type { Progress } from './core/action';
import type { MachineConfig } from './core/config';
import type { Outcome } from './core/fault';
import type { Json } from './core/json';
import type { KeySelector } from './core/key';
import type { Cipher, Platform } from './core/platform';
import { State } from './core/state';
import { type Recorder, Trace } from './core/trace';
import { FarHost } from './far';
import { boot } from './xen/boot';

/** Everything that happens on a machine once it is on: `hands.ts`. */
export interface Hands {
  /** The second half of the power-on: what Xen's drivers do before the first domain. */
  readonly initcalls: (host: Platform) => void;
  readonly perform: (machine: Machine, action: Action) => Generator<Progress, Outcome<Json>>;
}

/**
 * The simulated computer: configuration and actions in, changes out. It is powered on without knowing what actors can do,
 * so that a browser may show it before that code has arrived.
 */
export class Machine implements Platform {
  readonly config: MachineConfig;
  readonly state: State;
  readonly trace: Trace;
  readonly blobs: ReadonlyMap<string, Uint8Array>;
  private readonly keys: KeyStore;
  private hands: Hands | null = null;
  private readonly recorder: Recorder;
  private second: FarHost | null = null;

  /**
   * Powers the machine on; the power-on is recorded like everything else.
   * @param hands null: they come later, and with them the second half of the power-on.
   */
  constructor(
    config: MachineConfig,
    recorder: Recorder,
    blobs: ReadonlyMap<string, Uint8Array>,
    hands: Hands | null,
  ) {
    const { sockets, complexes, cores, threads } = config.topology;
    this.config = config;
    this.state = new State(sockets * complexes, sockets * complexes * cores * threads);
    this.trace = new Trace(this.state, recorder);
    this.recorder = recorder;
    this.blobs = blobs;
    this.keys = new KeyStore(config);
    boot(this);
    if (hands) this.give(hands);
  }

  /** Gives the machine its hands, once; Xen's drivers start at once. */
  give(hands: Hands): void {
    this.hands = hands;
    hands.initcalls(this);
  }

  far(): Platform {
    this.second ??= new FarHost(this, this.recorder);
    const host = this.second;
    if (!host.state.cell('power')) {
      boot(host);
      this.use().initcalls(host);
    }
    return host;
  }

  cipher(key: KeySelector): Cipher | null {
    return this.keys.cipher(this.state, key);
  }

  /**
   * Runs one action, which must have passed its schema; yields now and then in long ones. The state is always the sum of
   * what was recorded.
   */
  perform(action: Action): Generator<Progress, Outcome<Json>> {
    return this.use().perform(this, action);
  }

  /** Both halves of the power-on are done. */
  get complete(): boolean {
    return this.hands !== null;
  }

  private use(): Hands {
    if (!this.hands) throw new Error('nothing can be done before the rest of the program is here');
    return this.hands;
  }
}
