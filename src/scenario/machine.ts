import { completeConfig } from '../engine/config';
import type { MachineConfig, Technology } from '../engine/core/config';
import { bytesOf } from './expression';
import type { Scenario } from './schema';
import { mitigationOf } from './variant';

/** What may differ from the machine that a scenario names. */
export interface Other {
  readonly technology?: Technology;
  readonly seed?: number;
  /** A switch of its attack. */
  readonly mitigation?: string | null;
}

/** The whole machine that a scenario asks for, perhaps with another technology or seed than it names, or with a switch on. */
export function machineOf(scenario: Scenario, { technology, seed, mitigation }: Other = {}): MachineConfig {
  const part = mitigation ? mitigationOf(scenario, mitigation)?.machine : undefined;
  const { memory, ...rest } = { ...scenario.machine, ...part };
  return completeConfig({
    ...rest,
    ...(memory === undefined ? {} : { memory: bytesOf(memory) }),
    ...(technology === undefined ? {} : { technology }),
    ...(seed === undefined ? {} : { seed }),
  });
}
