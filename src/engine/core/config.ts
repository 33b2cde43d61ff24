import type { EncryptionMode } from './encryption';
import type { FixName } from './fixNames';
import type { OmittedCheck } from './omissions';

export const GENERATIONS = ['naples', 'rome', 'milan', 'genoa', 'turin'] as const;
export type Generation = (typeof GENERATIONS)[number];

/** What the machine's owner switched on, each with what stands before it. `off`: SYSCFG.MemEncryptionModEn = 0. */
export const TECHNOLOGIES = ['off', 'sme', 'sev', 'sev-es', 'sev-snp'] as const;
export type Technology = (typeof TECHNOLOGIES)[number];

/** Has the machine this technology, by itself or as part of what it has? */
export const atLeast = ({ technology }: MachineConfig, wanted: Technology): boolean =>
  TECHNOLOGIES.indexOf(technology) >= TECHNOLOGIES.indexOf(wanted);

/** Which host mappings carry C = 1 when the hypervisor builds its tables. */
export const SME_POLICIES = ['full', 'partial', 'none'] as const;
export type SmePolicy = (typeof SME_POLICIES)[number];

/**
 * Which Xen the machine runs: today’s, a series of patches on the mailing list, a public development branch, or this
 * project’s own completion of them.
 */
export const XEN_TREES = ['upstream', 'rfc-2025-05', 'branch-2024-10', 'branch-coco', 'project'] as const;
export type XenTree = (typeof XEN_TREES)[number];

export interface Region {
  readonly base: number;
  readonly size: number;
  readonly kind: 'dram' | 'reserved' | 'mmio';
  readonly name: string;
}

export interface Topology {
  readonly sockets: number;
  /** Core complexes a socket, cores a complex, threads a core. */
  readonly complexes: number;
  readonly cores: number;
  readonly threads: number;
}

/** Everything that, with the actions, determines every byte of the machine. */
export interface MachineConfig {
  readonly generation: Generation;
  readonly technology: Technology;
  /** Bytes of DRAM, 4 MiB to 1 TiB. */
  readonly memory: number;
  readonly seed: number;
  /** Transparent SME, chosen in the BIOS: everything that has no other key gets the host's. */
  readonly tsme: boolean;
  readonly sme: SmePolicy;
  readonly encryption: EncryptionMode;
  readonly xen: XenTree;
  readonly topology: Topology;
  /** DRAM, reserved and MMIO ranges; empty means: one range of DRAM from 0 with an MMIO window above it. */
  readonly memoryMap: readonly Region[];
  /**
   * When dirty lines leave the caches: `soon` writes them back at the end of each action (as time would), `late` leaves
   * them until something evicts or flushes them. Modelled.
   */
  readonly writeBack: 'soon' | 'late';
  /** Lines that one complex's cache holds. Modelled: far smaller than the real one, so that evictions can be watched. */
  readonly cacheLines: number;
  /** Vendor fixes and switches of the platform that it has; see `FIXES`. */
  readonly fixes: readonly FixName[];
  /** The check that it lacks, by the id of its rule; none unless somebody asks what if: see `OMISSIONS`. */
  readonly without?: OmittedCheck | undefined;
}

export const hasFix = ({ fixes }: MachineConfig, name: FixName): boolean => fixes.includes(name);
