import type { CpuidCell } from '../core/cells';
import { atLeast, type MachineConfig } from '../core/config';
import type { Rule } from '../core/fault';
import { CPUID_SAMPLES, decodeCpuid } from './cpuid';

/** What the owner of a machine with SEV-ES chose in the firmware’s setup, where EDX is 1 otherwise. */
const MIN_PLAIN_ASID = 10;

export const SETUP: Rule = {
  id: 'firmware.es-asids',
  says: 'The firmware’s setup decides how many ASIDs are kept for SEV-ES; with technology SEV-ES it is set to nine.',
  source:
    'modelled: a choice in the BIOS; virtee/snpguest issue 154 (log of a real host: SEV-ES ASIDs 1 - 9)',
  standing: 'modelled',
};

/** CPUID as the firmware’s setup leaves it, and how many ASIDs it has set aside for SEV-ES beyond what the part was dumped with. */
export function cpuidOf(config: MachineConfig): { readonly cpuid: CpuidCell; readonly esAsids: number } {
  const { fn8000001f, fn80000008eax } = CPUID_SAMPLES[config.generation];
  const cpuid = { fn8000001f, fn80000008eax };
  if (!atLeast(config, 'sev-es') || !decodeCpuid(cpuid).has('SEV-ES')) return { cpuid, esAsids: 0 };
  return {
    cpuid: { ...cpuid, fn8000001f: { ...fn8000001f, edx: MIN_PLAIN_ASID } },
    esAsids: MIN_PLAIN_ASID - 1,
  };
}
