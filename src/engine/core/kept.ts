import type { MachineConfig } from './config';

/**
 * What follows from a configuration and a name alone, kept beside the configuration: worked out when somebody first needs it.
 * At most `most` values of a machine; all of them are forgotten before one more.
 */
export class Kept<V> {
  private readonly beside = new WeakMap<MachineConfig, Map<string, V>>();
  private readonly most: number;

  constructor(most = Number.POSITIVE_INFINITY) {
    this.most = most;
  }

  once(config: MachineConfig, name: string, make: () => V): V {
    const known = this.beside.get(config) ?? new Map<string, V>();
    this.beside.set(config, known);
    const old = known.get(name);
    if (old !== undefined) return old;
    const made = make();
    if (known.size >= this.most) known.clear();
    known.set(name, made);
    return made;
  }
}
