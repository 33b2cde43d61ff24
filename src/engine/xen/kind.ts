import { POLICY } from '../asp/guests';
import type { DomainCell } from '../core/cells';

/** Does a legacy guest policy ask for SEV-ES? This bit alone chooses the kind of guest, and with it the range of its ASID. */
export const hasEs = (policy: number | null): boolean => policy !== null && (policy & POLICY.es) !== 0;

/** Are the registers of its vCPUs encrypted, in VMSAs: SEV-ES or SEV-SNP, whose policy has other bits? */
export const hasVmsas = ({ snp, policy }: Pick<DomainCell, 'snp' | 'policy'>): boolean =>
  snp || hasEs(policy);
