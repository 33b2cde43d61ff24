import { KeyStore } from './asp/keys';
import type { FactKind } from './core/change';
import type { MachineConfig } from './core/config';
import type { KeySelector } from './core/key';
import type { Cipher, Platform } from './core/platform';
import type { State } from './core/state';
import { type Recorder, Trace } from './core/trace';

/** Facts of the second host that the record keeps; what is seen and written there is no business of the first one’s lamps. */
const TOLD: ReadonlySet<FactKind> = new Set(['check', 'note', 'bus', 'fault']);

/** The second host. Its changes are recorded with the first one’s, marked as its own. */
export class FarHost implements Platform {
  readonly config: MachineConfig;
  readonly trace: Trace;
  readonly blobs: ReadonlyMap<string, Uint8Array> = new Map();
  private readonly near: Platform;
  private readonly keys: KeyStore;

  constructor(near: Platform, recorder: Recorder) {
    this.near = near;
    this.config = { ...near.config, seed: (near.config.seed + 1) >>> 0 };
    this.keys = new KeyStore(this.config);
    this.trace = new Trace(near.state.far, {
      change: (change) => {
        if (change.store !== 'fact') recorder.change({ store: 'far', change });
        else if (TOLD.has(change.what)) recorder.change({ ...change, data: { ...change.data, host: 'b' } });
      },
      open: (layer, actor, name, args) => recorder.open(layer, actor, name, { ...args, host: 'b' }),
      close: (result, outcome) => recorder.close(result, outcome),
    });
  }

  get state(): State {
    return this.near.state.far;
  }

  far(): Platform {
    return this.near;
  }

  cipher(key: KeySelector): Cipher | null {
    return this.keys.cipher(this.state, key);
  }
}
