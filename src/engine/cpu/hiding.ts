import { hasFix, type MachineConfig } from '../core/config';
import type { Rule } from '../core/fault';
import type { KeySelector } from '../core/key';
import type { Platform } from '../core/platform';
import { authoritative, snpEnabled } from '../rmp/table';

export const HIDING_RULE: Rule = {
  id: 'snp.ciphertext-hiding',
  says: 'With ciphertext hiding whoever has not the guest’s key reads 0xff from its private pages, which SEV-SNP knows by the RMP; the bus to the DRAM carries ciphertext as before.',
  source:
    'SEV-SNP Firmware ABI, SNP_INIT_EX (CIPHERTEXT_HIDING_DRAM); Linux 6.18 (kvm/svm: ciphertext hiding); that devices and other guests read the same is modelled',
  standing: 'published',
};

const HIDDEN = 0xff;

/** Can the machine hide ciphertext, and is its Xen to ask for it? Zen 5 and later. */
export const canHide = (config: MachineConfig): boolean =>
  config.generation === 'turin' && hasFix(config, 'ciphertext-hiding');

/** Is an SNP guest’s page hidden from who comes with this key? Nothing is before SNP_INIT_EX was asked for it. */
export function isHidden(p: Platform, spa: number, key: KeySelector): boolean {
  if (p.state.cell('snp')?.hiding !== true || !snpEnabled(p)) return false;
  const entry = authoritative(p, spa);
  return entry?.assigned === true && entry.asid !== 0 && entry.asid !== key;
}

export const hiddenBytes = (length: number): Uint8Array => new Uint8Array(length).fill(HIDDEN);
