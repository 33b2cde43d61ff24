import type { XlConfig } from './config';
import type { Dialect } from './dialects';

/** What libxl puts into `struct xen_domctl_createdomain` for a configuration. */
export interface CreatedomainFlags {
  /** XEN_DOMCTL_CDF_*. */
  readonly flags: number;
  /** XEN_X86_EMU_*: devices that Xen emulates for it. */
  readonly emulationFlags: number;
  /** XEN_X86_*: bit 1 is the branch's own way to ask for SEV. */
  readonly miscFlags: number;
}

/** `xen/include/public/domctl.h`; bit 8 of the RFC has since become upstream's CDF_trap_unmapped_accesses. */
const CDF = { hvm: 0, hap: 1, oosOff: 3, iommu: 5, nestedVirt: 6, vpmu: 7, coco: 8 } as const;
const MISC_SEV = 1;

/** PV has none, PVH the local APIC, HVM all but the vPCI (`libxl__arch_domain_prepare_config`). */
const EMULATION = { pv: 0, pvh: 0x1, hvm: 0x1ff } as const;

/** The flags with which libxl asks Xen for the domain (libxl_create.c: libxl__domain_make; libxl_x86.c). */
export function createdomainFlags(config: XlConfig, dialect: Dialect): CreatedomainFlags {
  const { type, hap, nestedHvm, encrypted, other } = config;
  const container = type !== 'pv';
  const bySev = dialect === 'branch-2024-10';
  const set: readonly (readonly [keyof typeof CDF, boolean])[] = [
    ['hvm', container],
    ['hap', container && hap],
    ['oosOff', container && other.oos === false],
    ['iommu', passesThrough(config)],
    ['nestedVirt', container && nestedHvm],
    ['vpmu', other.vpmu === true],
    ['coco', encrypted && !bySev],
  ];
  return {
    flags: set.reduce((flags, [name, on]) => (on ? flags | (1 << CDF[name]) : flags), 0),
    emulationFlags: EMULATION[type],
    miscFlags: encrypted && bySev ? 1 << MISC_SEV : 0,
  };
}

/** Without the key, a domain that is given PCI devices gets an IOMMU, and another does not (libxl_create.c). */
export function passesThrough({ other }: XlConfig): boolean {
  const mode = other.passthrough ?? 'default';
  return mode === 'default' ? (other.pci?.length ?? 0) > 0 : mode !== 'disabled';
}
