import type { CpuidCell } from '../core/cells';
import { atLeast, type MachineConfig } from '../core/config';
import { CPUID_SAMPLES, decodeCpuid } from './cpuid';

/**
 * What the owner of a machine with SEV-ES chose in the firmware’s setup, where EDX is 1 otherwise: modelled after the log of a
 * real host, whose SEV-ES ASIDs are 1 to 9 (virtee/snpguest issue 154).
 */
const MIN_PLAIN_ASID = 10;

/** CPUID as the firmware’s setup leaves it. */
export function cpuidOf(config: MachineConfig): CpuidCell {
  const { fn8000001f, fn80000008eax } = CPUID_SAMPLES[config.generation];
  const cpuid = { fn8000001f, fn80000008eax };
  if (!atLeast(config, 'sev-es') || !decodeCpuid(cpuid).has('SEV-ES')) return cpuid;
  return { ...cpuid, fn8000001f: { ...fn8000001f, edx: MIN_PLAIN_ASID } };
}
