import type { DomainCell } from '../../core/cells';
import { HYPERVISOR_FEATURES } from '../../cpu/ghcb/msr';

/** GHCB protocol versions that this Xen offers (modelled: those that Linux KVM offers guests with SEV-ES). */
export const GHCB_VERSIONS = { min: 1, max: 2 } as const;

/** Hypervisor features that Xen tells a guest: SEV-SNP, where the guest has it; the rest of the branch’s support is partial. */
export const featuresFor = ({ snp }: DomainCell): number => (snp ? 2 ** HYPERVISOR_FEATURES.snp.bit : 0);
