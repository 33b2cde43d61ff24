import type { DomainCell } from '../../core/cells';
import { HYPERVISOR_FEATURES } from '../../cpu/ghcb/msr';

/** GHCB protocol versions that this Xen offers (modelled: those that Linux KVM offers guests with SEV-ES). */
export const GHCB_VERSIONS = { min: 1, max: 2 } as const;

/** What this Xen can do for an SNP guest; in the branch the support of most of it is partial (xen.md F.3). */
const KNOWN = ['snp', 'apCreation', 'restrictedInjection', 'multiVmpl'] as const;

/** Hypervisor features that Xen tells a guest. */
export const featuresFor = ({ snp }: DomainCell): number =>
  snp ? KNOWN.reduce((bits, name) => bits + 2 ** HYPERVISOR_FEATURES[name].bit, 0) : 0;
