import type { Generation, MachineConfig, Region } from './core/config';
import type { EncryptionMode } from './core/encryption';
import { FIX_NAMES } from './core/fixNames';

const MIB = 1024 * 1024;

/** The mode that stands for each generation: measured for the first, modelled for the others (crypto-and-attestation.md 1.2). */
const DEFAULT_MODE: Record<Generation, EncryptionMode> = {
  naples: 'xex-linear',
  rome: 'xex-k2',
  milan: 'xex-k2',
  genoa: 'xts-page',
  turin: 'xts-page',
};

/** Any part of a configuration may be missing; `partialConfigSchema` checks one from outside. */
export type PartialConfig = Partial<MachineConfig>;

export const sizeOf = (regions: readonly Region[], kind: Region['kind']): number =>
  regions.reduce((sum, { kind: own, size }) => sum + (own === kind ? size : 0), 0);

const wholeMib = (bytes: number): number => bytes - (bytes % MIB);

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
    xen: part.xen ?? 'project',
    topology: part.topology ?? { sockets: 1, complexes: 2, cores: 2, threads: 1 },
    memoryMap,
    writeBack: part.writeBack ?? 'soon',
    cacheLines: part.cacheLines ?? 256,
    fixes: FIX_NAMES.filter((name) => part.fixes?.includes(name)),
    ...(part.without === undefined ? {} : { without: part.without }),
  };
}
