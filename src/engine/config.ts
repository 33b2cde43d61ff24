import {
  GENERATIONS,
  type Generation,
  type MachineConfig,
  type Region,
  SME_POLICIES,
  TECHNOLOGIES,
} from './core/config';
import { ENCRYPTION_MODES, type EncryptionMode } from './core/encryption';
import { z } from './core/zod';

const MIB = 1024 * 1024;
const GIB = 1024 * MIB;
const TIB = 1024 * GIB;
const PAGE = 4096;
/** Where physical addresses end on every generation: 43 bits are left on the narrowest once encryption is on (APM vol. 2 §15.34.6). */
const HIGHEST = 2 ** 43;

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
    .max(HIGHEST - PAGE)
    .multipleOf(PAGE),
  size: z.number().int().min(PAGE).max(TIB).multipleOf(PAGE),
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
      .max(TIB)
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
  memoryMap: z.optional(z.array(region).max(64).superRefine(checkMap)),
  writeBack: z.optional(z.enum(['soon', 'late'])),
  cacheLines: z.optional(z.number().int().min(8).max(4096)),
});

export type PartialConfig = z.infer<typeof partialConfigSchema>;

const sizeOf = (regions: readonly Region[], kind: Region['kind']): number =>
  regions.reduce((sum, { kind: own, size }) => sum + (own === kind ? size : 0), 0);

const wholeMib = (bytes: number): number => bytes - (bytes % MIB);

/** What is wrong with a memory map, in plain sentences. */
function* flaws(regions: readonly Region[]): Generator<string> {
  const sorted = [...regions].sort((a, b) => a.base - b.base);
  for (const [i, next] of sorted.entries()) {
    const before = sorted[i - 1];
    if (before && before.base + before.size > next.base)
      yield `the ranges ${before.name} and ${next.name} overlap`;
  }
  for (const { name, kind, base, size } of regions) {
    const limit = kind === 'mmio' ? HIGHEST : 2 * TIB;
    if (base + size > limit) yield `the range ${name} ends above ${limit / TIB} TiB`;
  }
  if (!regions.some(({ kind, size }) => kind === 'dram' && size >= 4 * MIB)) {
    yield 'one range of DRAM must have at least 4 MiB';
  }
  if (sizeOf(regions, 'dram') > TIB) yield 'there is more than 1 TiB of DRAM';
  if (sizeOf(regions, 'reserved') > GIB) yield 'more than 1 GiB is reserved';
}

function checkMap(regions: readonly Region[], context: z.RefinementCtx): void {
  if (regions.length === 0) return;
  for (const message of flaws(regions)) context.addIssue({ code: 'custom', message });
}

/**
 * Fills what is missing: a Milan with 16 MiB, one socket, two complexes of two cores, SMT off. A memory map says itself
 * how much memory there is.
 */
export function completeConfig(part: PartialConfig): MachineConfig {
  const generation = part.generation ?? 'milan';
  const technology = part.technology ?? 'sev';
  const memoryMap = part.memoryMap ?? [];
  return {
    generation,
    technology,
    memory: memoryMap.length > 0 ? wholeMib(sizeOf(memoryMap, 'dram')) : (part.memory ?? 16 * MIB),
    seed: part.seed ?? 42,
    tsme: part.tsme ?? false,
    sme: part.sme ?? (technology === 'sme' ? 'full' : 'none'),
    encryption: part.encryption ?? DEFAULT_MODE[generation],
    topology: part.topology ?? { sockets: 1, complexes: 2, cores: 2, threads: 1 },
    memoryMap,
    writeBack: part.writeBack ?? 'soon',
    cacheLines: part.cacheLines ?? 256,
  };
}
