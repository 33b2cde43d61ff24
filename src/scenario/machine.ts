import { completeConfig } from '../engine/config';
import type { MachineConfig, Technology } from '../engine/core/config';
import { bytesOf } from './expression';
import type { Scenario } from './schema';

/** The whole machine that a scenario asks for, perhaps with another technology or seed than it names. */
export function machineOf(
  scenario: Scenario,
  other: { technology?: Technology; seed?: number } = {},
): MachineConfig {
  const { memory, ...part } = scenario.machine ?? {};
  const bytes = memory === undefined ? {} : { memory: bytesOf(memory) };
  return completeConfig({ ...part, ...bytes, ...other });
}
