import { z } from 'zod';
import { CPUID_SAMPLES, decodeCpuid, FEATURE_NAMES } from '../../engine/cpu/cpuid';
import { canonical } from './canonical';
import { hasEntryWith, isRecord, type Recogniser, runSection } from './result';

const word = z
  .string()
  .regex(/^0x[0-9a-f]{1,8}$/i)
  .transform(Number);
const count = z.number().int().min(0);

const row = z.object({
  part: z.string(),
  fn8000001F: z.object({ eax: word, ebx: word, ecx: word, edx: word }),
  fn80000008_eax: word,
  decoded: z.object({
    features: z.array(z.string()),
    cBitPosition: count,
    physAddrReduction: count,
    numVmpl: count,
    numEncryptedGuests: count,
    minSevNoEsAsid: count,
    physAddrBits: count,
    effectiveHostPhysAddrBits: count,
  }),
});

/** What CPUID says of real parts, in the format of `cpuid.samples` of `cpu.json`: decoded, and the presets themselves. */
export const cpuidSamples = {
  name: 'CPUID samples',
  recognises: (json: unknown) =>
    isRecord(json) && isRecord(json.cpuid) && hasEntryWith(json.cpuid.samples, 'fn8000001F', 'decoded'),
  run: (json: unknown) =>
    runSection((json as { cpuid: unknown }).cpuid, 'samples', row, (entry, compare) => {
      const { decoded, fn8000001F: fn8000001f, fn80000008_eax: fn80000008eax } = entry;
      const cpu = decodeCpuid({ fn8000001f, fn80000008eax });
      compare(
        'features',
        canonical(decoded.features),
        canonical(FEATURE_NAMES.filter((name) => cpu.has(name))),
      );
      compare('cBitPosition', String(decoded.cBitPosition), String(cpu.cBit));
      compare('physAddrReduction', String(decoded.physAddrReduction), String(cpu.reduction));
      compare('numVmpl', String(decoded.numVmpl), String(cpu.vmpls));
      compare('numEncryptedGuests', String(decoded.numEncryptedGuests), String(cpu.maxAsid));
      compare('minSevNoEsAsid', String(decoded.minSevNoEsAsid), String(cpu.minPlainAsid));
      compare('physAddrBits', String(decoded.physAddrBits), String(cpu.physicalBits));
      compare('effectiveHostPhysAddrBits', String(decoded.effectiveHostPhysAddrBits), String(cpu.hostBits));
      const preset = Object.values(CPUID_SAMPLES).find(({ part }) => entry.part.endsWith(part));
      if (!preset) return;
      compare('preset Fn8000_001F', canonical(fn8000001f), canonical(preset.fn8000001f));
      compare('preset Fn8000_0008[EAX]', String(fn80000008eax), String(preset.fn80000008eax));
    }),
} satisfies Recogniser;
