import type { CpuidCell } from '../core/cells';
import { atLeast, hasFix, type MachineConfig } from '../core/config';
import { CPUID_SAMPLES, decodeCpuid } from './cpuid';

/**
 * What the owner of a machine with SEV-ES chose in the firmware’s setup, where EDX is 1 otherwise: modelled after the log of a
 * real host, whose SEV-ES ASIDs are 1 to 9 (virtee/snpguest issue 154).
 */
const MIN_PLAIN_ASID = 10;

/** Fn8000_001F[EAX] bit 10, HwEnfCacheCoh. */
const COHERENT = 1 << 10;

/** CPUID as the firmware’s setup leaves it. */
export function cpuidOf(config: MachineConfig): CpuidCell {
  const { fn8000001f: sample, fn80000008eax } = CPUID_SAMPLES[config.generation];
  const eax = hasFix(config, 'incoherent-caches') ? (sample.eax & ~COHERENT) >>> 0 : sample.eax;
  const fn8000001f = { ...sample, eax };
  const cpuid = { fn8000001f, fn80000008eax };
  if (!atLeast(config, 'sev-es') || !decodeCpuid(cpuid).has('SEV-ES')) return cpuid;
  return { ...cpuid, fn8000001f: { ...fn8000001f, edx: MIN_PLAIN_ASID } };
}
