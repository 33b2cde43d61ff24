import type { Platform } from '../../engine/core/platform';
import { CPUID_SAMPLES, decodeCpuid, FEATURE_NAMES } from '../../engine/cpu/cpuid';
import { livingDomains } from '../../engine/xen/domains';
import type { AsidView } from '../protocol';

/** CPUID Fn8000_001F as it stands, and who holds which ASID. */
export function asidView(p: Platform): AsidView {
  const cell = p.state.cell('cpuid') ?? CPUID_SAMPLES[p.config.generation];
  const cpu = decodeCpuid(cell);
  const { eax, ebx, ecx, edx } = cell.fn8000001f;
  return {
    eax: eax >>> 0,
    ebx,
    ecx,
    edx,
    cBit: cpu.cBit,
    reduction: cpu.reduction,
    physicalBits: cpu.physicalBits,
    features: FEATURE_NAMES.map((name, bit) => ({ bit, name })).filter(({ name }) => cpu.has(name)),
    holders: livingDomains(p).map(({ asid, name }) => ({ asid, guest: name })),
  };
}
