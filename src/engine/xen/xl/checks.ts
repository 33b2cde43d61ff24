import type { Status } from '../../core/status';
import { hasEs } from '../kind';
import { isPopulateOnDemand, type XlConfig } from './config';
import { type Dialect, keysOf } from './dialects';
import { passesThrough } from './flags';

/** What the machine under Xen offers. */
export interface HostAbilities {
  /** Nested page tables. */
  readonly hap: boolean;
  readonly iommu: boolean;
  /** Is there a platform for encrypted guests: the processor's feature, and an ASP that was initialised? */
  readonly encryption: boolean;
  /** Has the processor SEV-ES? What the ASP was initialised for it tells itself. */
  readonly es: boolean;
}

/** One condition that a configuration must meet before a domain is made. */
export interface CreationCheck {
  readonly layer: 'libxl' | 'xen';
  /** The function that checks. */
  readonly at: string;
  readonly error: 'ERROR_INVAL' | 'ERROR_FAIL' | 'EINVAL';
  /** Why it refuses, as far as known in its own words. */
  readonly why: string;
  readonly status: Status;
  readonly source: string;
  readonly refuses: (config: XlConfig, host: HostAbilities) => boolean;
}

const LIBXL = 'tools/libs/light/libxl_create.c';
const HVM_MAX_VCPUS = 128;
const MAX_VIRT_CPUS = 8192;

/** Checks of today's tools and hypervisor, in their order. */
const UPSTREAM: readonly CreationCheck[] = [
  {
    layer: 'libxl',
    at: 'libxl__domain_build_info_setdefault',
    error: 'ERROR_INVAL',
    why: 'direct boot parameters specified but kernel missing',
    status: 'upstream',
    source: LIBXL,
    refuses: ({ type, kernel, ramdisk, cmdline }) =>
      type === 'hvm' && kernel === undefined && (ramdisk !== undefined || cmdline !== undefined),
  },
  {
    layer: 'libxl',
    at: 'libxl__domain_config_setdefault',
    error: 'ERROR_INVAL',
    why: 'a PVH guest has no passthrough',
    status: 'upstream',
    source: LIBXL,
    refuses: (config) => config.type === 'pvh' && passesThrough(config),
  },
  {
    layer: 'libxl',
    at: 'libxl__arch_domain_prepare_config',
    error: 'ERROR_FAIL',
    why: 'trap_unmapped_accesses is not supported on x86',
    status: 'upstream',
    source: 'tools/libs/light/libxl_x86.c',
    refuses: ({ other }) => other.trapUnmappedAccesses === true,
  },
  {
    layer: 'xen',
    at: 'sanitise_domain_config',
    error: 'EINVAL',
    why: 'IOMMU requested but not available',
    status: 'upstream',
    source: 'xen/common/domain.c',
    refuses: (config, host) => passesThrough(config) && !host.iommu,
  },
  {
    layer: 'xen',
    at: 'arch_sanitise_domain_config',
    error: 'EINVAL',
    why: 'requested vCPUs exceed the most that there can be',
    status: 'upstream',
    source: 'xen/arch/x86/domain.c',
    refuses: ({ type, maxVcpus }) => maxVcpus > (type === 'pv' ? MAX_VIRT_CPUS : HVM_MAX_VCPUS),
  },
  {
    layer: 'xen',
    at: 'arch_sanitise_domain_config',
    error: 'EINVAL',
    why: 'HAP requested but not available',
    status: 'upstream',
    source: 'xen/arch/x86/domain.c',
    refuses: ({ hap }, host) => hap && !host.hap,
  },
  {
    layer: 'xen',
    at: 'arch_sanitise_domain_config',
    error: 'EINVAL',
    why: 'nested virtualisation not supported without HAP',
    status: 'upstream',
    source: 'xen/arch/x86/domain.c',
    refuses: ({ type, hap, nestedHvm }) => type !== 'pv' && nestedHvm && !hap,
  },
];

const RFC = 'xen-devel, "[RFC PATCH 00/16] Confidential computing and AMD SEV support", 2025-05-16';

/** What the proposals add for an encrypted guest, in their order (xen.md E.3). */
const ENCRYPTED: readonly CreationCheck[] = [
  encrypted('needs an HVM container (type pvh or hvm)', ({ type }) => type === 'pv'),
  encrypted('needs HAP', ({ hap }) => !hap),
  encrypted('excludes nested virtualisation', ({ nestedHvm }) => nestedHvm),
  encrypted('needs a platform for encrypted guests', (_, host) => !host.encryption),
];

function encrypted(why: string, refuses: CreationCheck['refuses']): CreationCheck {
  return {
    layer: 'xen',
    at: 'arch_sanitise_domain_config',
    error: 'EINVAL',
    why,
    status: 'rfc',
    source: RFC,
    refuses: (config, host) => config.encrypted && refuses(config, host),
  };
}

/** Nobody checks this yet: libxenguest's scan for zero pages would see ciphertext (xen.md F.1). */
const NO_POPULATE_ON_DEMAND: CreationCheck = {
  layer: 'libxl',
  at: 'libxl__domain_config_setdefault',
  error: 'ERROR_INVAL',
  why: 'an encrypted guest excludes populate on demand (memory below maxmem)',
  status: 'hypothetical',
  source: 'this project, after xen.md F.1',
  refuses: (config) => config.encrypted && isPopulateOnDemand(config),
};

/** Which kind the policy chooses, as the branch has it: by its ES bit. */
const policyHasEs = ({ sevPolicy = 0 }: XlConfig): boolean => hasEs(sevPolicy);

const SAME_KIND: CreationCheck = {
  layer: 'libxl',
  at: 'libxl__domain_config_setdefault',
  error: 'ERROR_INVAL',
  why: 'sev_type and the ES bit of sev_policy name different kinds of guest',
  status: 'hypothetical',
  source: 'this project: in xcp-ng/xen ec8fcc8e10 the ES bit alone chooses the kind',
  refuses: (config) =>
    config.encrypted &&
    config.sevPolicy !== undefined &&
    (config.sevType === 'sev' || config.sevType === 'sev-es') &&
    policyHasEs(config) !== (config.sevType === 'sev-es'),
};

/** Nobody’s check is known: without it the firmware would refuse at LAUNCH_START. */
const HAS_ES: CreationCheck = {
  ...encrypted(
    'needs a processor with SEV-ES',
    (config, host) => (config.sevType === 'sev-es' || policyHasEs(config)) && !host.es,
  ),
  status: 'hypothetical',
  source: 'this project, after Linux arch/x86/kvm/svm/sev.c (sev_hardware_setup)',
};

/** Every check of a dialect's tools and hypervisor, in their order. */
export function creationChecks(dialect: Dialect): readonly CreationCheck[] {
  if (dialect === 'upstream') return UPSTREAM;
  const own = dialect === 'project' ? [NO_POPULATE_ON_DEMAND, SAME_KIND] : [];
  const es = keysOf(dialect).has('sev_policy') ? [HAS_ES] : [];
  return [...own, ...UPSTREAM, ...ENCRYPTED, ...es];
}

/** The first check that refuses the configuration, or null: then Xen makes the domain. */
export const refusedBy = (config: XlConfig, dialect: Dialect, host: HostAbilities): CreationCheck | null =>
  creationChecks(dialect).find((check) => check.refuses(config, host)) ?? null;
