/**
 * What vendors repaired after a machine was sold, and switches of the platform that a machine may have or not: each is off
 * unless the configuration names it. What one of them changes is decided where the repaired thing is.
 */
export interface Fix {
  /** What it does, in a sentence. */
  readonly says: string;
  /** Where that is written down. */
  readonly source: string;
}

const LIST = {
  'ciphertext-hiding': {
    says: 'The host reads 0xff instead of ciphertext from SEV-SNP guests’ private pages (Zen 5; Xen asks for it at SNP_INIT_EX).',
    source:
      'Linux include/linux/psp-sev.h (sev_data_snp_init_ex), Linux 6.18 (ciphertext hiding); attacks.md section 4, CT-HIDING',
  },
  'page-swap-policy': {
    says: 'The firmware knows bit 25 of the guest policy, PAGE_SWAP_DISABLE, and neither moves nor swaps pages of a guest that has it.',
    source: 'Linux include/linux/psp-sev.h (policy bits); attacks.md section 4, POLICY-25',
  },
} as const satisfies Record<string, Fix>;

export type FixName = keyof typeof LIST;
export const FIXES: Readonly<Record<FixName, Fix>> = LIST;
/** In the order in which configurations name them. */
export const FIX_NAMES = Object.keys(LIST) as [FixName, ...FixName[]];
