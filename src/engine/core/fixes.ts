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
    source: 'SEV-SNP Firmware ABI 8.8 SNP_INIT_EX (CIPHERTEXT_HIDING_DRAM); AMD-SB-3021',
  },
} as const satisfies Record<string, Fix>;

export type FixName = keyof typeof LIST;
export const FIXES: Readonly<Record<FixName, Fix>> = LIST;
/** In the order in which configurations name them. */
export const FIX_NAMES = Object.keys(LIST) as [FixName, ...FixName[]];
