import { completeConfig } from '../engine/config';
import type { Generation, MachineConfig, Technology } from '../engine/core/config';
import type { OmittedCheck } from '../engine/core/omissions';
import { bytesOf } from './expression';
import type { Scenario } from './schema';
import { mitigationOf } from './variant';

/** What may differ from the machine that a scenario names. */
export interface Other {
  readonly technology?: Technology;
  readonly generation?: Generation | undefined;
  readonly seed?: number;
  /** A switch of its attack. */
  readonly mitigation?: string | null;
  /** A check that it is to lack. */
  readonly without?: OmittedCheck | undefined;
}

/**
 * The whole machine that a scenario asks for, perhaps with another technology, generation or seed than it names, with a switch
 * on, or without a check.
 */
export function machineOf(
  scenario: Scenario,
  { technology, generation, seed, mitigation, without }: Other = {},
): MachineConfig {
  const part = mitigation ? mitigationOf(scenario, mitigation)?.machine : undefined;
  const { memory, ...rest } = { ...scenario.machine, ...part };
  return completeConfig({
    ...rest,
    ...(memory === undefined ? {} : { memory: bytesOf(memory) }),
    ...(technology === undefined ? {} : { technology }),
    ...(generation === undefined ? {} : { generation }),
    ...(seed === undefined ? {} : { seed }),
    ...(without === undefined ? {} : { without }),
  });
}
