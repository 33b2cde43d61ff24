import type { FixName } from './fixNames';

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

export const FIXES: Readonly<Record<FixName, Fix>> = {
  'ciphertext-hiding': {
    says: 'The host reads 0xff instead of ciphertext from SEV-SNP guests’ private pages (Zen 5; Xen asks for it at SNP_INIT_EX).',
    source:
      'Linux include/linux/psp-sev.h (sev_data_snp_init_ex), Linux 6.18 (ciphertext hiding); attacks.md section 4, CT-HIDING',
  },
  'page-swap-policy': {
    says: 'The firmware knows bit 25 of the guest policy, PAGE_SWAP_DISABLE, and neither moves nor swaps pages of a guest that has it.',
    source: 'Linux include/linux/psp-sev.h (policy bits); attacks.md section 4, POLICY-25',
  },
  'alias-check': {
    says: 'Before anything uses memory the boot firmware probes it for addresses that share a cell; where it finds some, SNP is not initialised.',
    source:
      'AMD-SB-3015 (CVE-2024-21944): SEV firmware 1.55.22 (Milan), 1.55.38 (Genoa); attacks.md, ALIAS-CHECK',
  },
  'microcode-invd': {
    says: 'INVD writes dirty lines of guests back instead of throwing them away.',
    source:
      'AMD-SB-3005 (CVE-2023-20592), microcode for Milan; that guests’ lines are written back is modelled, the new meaning of INVD is not published',
  },
  'fw-sb3020': {
    says: 'While SNP_INIT writes the RMP, the caches are emptied after its region has been locked.',
    source:
      'AMD-SB-3020 (CVE-2025-0033): MilanPI 1.0.0.H, TurinPI 1.0.0.6; that the repair is a flush under the lock is modelled',
  },
  'fw-sb3034': {
    says: 'The registers that route requests through the data fabric are locked, and SNP_INIT refuses where somebody has changed them.',
    source: 'AMD-SB-3034 (CVE-2025-54510): MilanPI 1.0.0.J, GenoaPI 1.0.0.H, TurinPI 1.0.0.8',
  },
  'incoherent-caches': {
    says: 'The caches do not keep views of one address under different keys coherent: CPUID Fn8000_001F[EAX] bit 10 is 0 on every generation.',
    source: 'APM vol. 2 §15.34.9; modelled: real parts with SEV-SNP have the bit, parts before Milan do not',
  },
  'coherency-sfw': {
    says: 'Kernels of SNP guests touch the first and the last line of each page that they accept, so that nothing of it stays in the caches under another key.',
    source: 'Linux 7b306dfa326f (CVE-2024-36331, CVE-2025-38560); AMD-SB-3014',
  },
  'microcode-stack-engine': {
    says: 'A thread that switches the stack engine of its core (MSR C001_1029 bit 19) no longer lets its sibling’s RSP stand still.',
    source:
      'AMD-SB-3027 (CVE-2025-29943), microcode that is loaded while the machine runs; what it changes is modelled',
  },
  'firmware-rollback': {
    says: 'The boot loader takes old firmware again, signed as it once was, with a flaw that lets it run an attacker’s code. Not a repair: what was missing on the first EPYC.',
    source:
      'Buhren, Werling, Seifert, Insecure Until Proven Updated (CCS 2019, arXiv 1908.11680); modelled: as a switch of any generation',
  },
};
