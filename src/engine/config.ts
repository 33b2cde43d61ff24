import { GENERATIONS, type Generation, type MachineConfig, SME_POLICIES, TECHNOLOGIES } from './core/config';
import { ENCRYPTION_MODES, type EncryptionMode } from './core/encryption';
import { z } from './core/zod';

const MIB = 1024 * 1024;
const PAGE = 4096;

/** The mode that stands for each generation: measured for the first, modelled for the others (crypto-and-attestation.md 1.2). */
const DEFAULT_MODE: Record<Generation, EncryptionMode> = {
  naples: 'xex-linear',
  rome: 'xex-k2',
  milan: 'xex-k2',
  genoa: 'xts-page',
  turin: 'xts-page',
};

const region = z.strictObject({
  base: z
    .number()
    .int()
    .min(0)
    .max(2 ** 46)
    .multipleOf(PAGE),
  size: z
    .number()
    .int()
    .min(PAGE)
    .max(2 ** 40)
    .multipleOf(PAGE),
  kind: z.enum(['dram', 'reserved', 'mmio']),
  name: z.string().min(1).max(40),
});

/** Checks a configuration from outside: any part of it may be missing. */
export const partialConfigSchema = z.strictObject({
  generation: z.optional(z.enum(GENERATIONS)),
  technology: z.optional(z.enum(TECHNOLOGIES)),
  memory: z.optional(
    z
      .number()
      .int()
      .min(4 * MIB)
      .max(2 ** 40)
      .multipleOf(MIB),
  ),
  seed: z.optional(
    z
      .number()
      .int()
      .min(0)
      .max(2 ** 32 - 1),
  ),
  tsme: z.optional(z.boolean()),
  sme: z.optional(z.enum(SME_POLICIES)),
  encryption: z.optional(z.enum(ENCRYPTION_MODES)),
  topology: z.optional(
    z.strictObject({
      sockets: z.number().int().min(1).max(2),
      complexes: z.number().int().min(1).max(16),
      cores: z.number().int().min(1).max(16),
      threads: z.number().int().min(1).max(2),
    }),
  ),
  memoryMap: z.optional(z.array(region).max(64).superRefine(noOverlap)),
  writeBack: z.optional(z.enum(['soon', 'late'])),
  cacheLines: z.optional(z.number().int().min(8).max(4096)),
});

export type PartialConfig = z.infer<typeof partialConfigSchema>;

function noOverlap(regions: readonly z.infer<typeof region>[], context: z.RefinementCtx): void {
  const sorted = [...regions].sort((a, b) => a.base - b.base);
  for (const [i, next] of sorted.entries()) {
    const before = sorted[i - 1];
    if (before && before.base + before.size > next.base) {
      context.addIssue({ code: 'custom', message: `the ranges ${before.name} and ${next.name} overlap` });
    }
  }
  if (regions.length > 0 && !regions.some(({ kind, size }) => kind === 'dram' && size >= 4 * MIB)) {
    context.addIssue({ code: 'custom', message: 'one range of DRAM must have at least 4 MiB' });
  }
}

/** Fills what is missing: a Milan with 16 MiB, one socket, two complexes of two cores, SMT off. */
export function completeConfig(part: PartialConfig): MachineConfig {
  const generation = part.generation ?? 'milan';
  const technology = part.technology ?? 'sev';
  return {
    generation,
    technology,
    memory: part.memory ?? 16 * MIB,
    seed: part.seed ?? 42,
    tsme: part.tsme ?? false,
    sme: part.sme ?? (technology === 'sme' ? 'full' : 'none'),
    encryption: part.encryption ?? DEFAULT_MODE[generation],
    topology: part.topology ?? { sockets: 1, complexes: 2, cores: 2, threads: 1 },
    memoryMap: part.memoryMap ?? [],
    writeBack: part.writeBack ?? 'soon',
    cacheLines: part.cacheLines ?? 256,
  };
}
