import { readU64 } from '../../core/bytes';
import type { Rule } from '../../core/fault';
import type { Platform } from '../../core/platform';
import { writeVmsaField } from '../../cpu/vmsaFields';
import { hasRegProt, tweaked } from '../../cpu/vmsaTweak';
import { drawSecret, secretBytes } from '../secrets';
import { hasSecureTsc, setGuestTsc } from './secureTsc';

const PREPARED: Rule = {
  id: 'asp.snp-vmsa-prepared',
  says: 'After measuring, the firmware makes a VMSA ready: protected registers are hidden by a random number, Secure TSC gets the guest’s clock, and no checksum is kept.',
  source:
    'AMD-ASPFW sev_mcmd.c (snp_mcmd_launch_update), sev_es.c (sev_es_vmsa_xor_tweak, sev_es_setup_vmsa)',
  standing: 'published',
};

const NO_CHECKSUM = (1n << 64n) - 1n;

function hidden(p: Platform, vmsa: Uint8Array): Uint8Array {
  if (!hasRegProt(vmsa)) return vmsa.slice();
  const page = vmsa.slice();
  const nonce = secretBytes(p.config, drawSecret(p, 'tweak'), 8);
  writeVmsaField(page, 'regProtNonce', readU64(nonce, 0));
  return tweaked(page);
}

/** A measured VMSA as it goes into the guest’s memory. @param vmsa 4096 bytes. @param frequency kHz. */
export function launchVmsa(p: Platform, vmsa: Uint8Array, frequency: number): Uint8Array {
  const page = hidden(p, vmsa);
  if (hasSecureTsc(page)) setGuestTsc(page, frequency, 0n);
  writeVmsaField(page, 'firmwareZero', 0n);
  writeVmsaField(page, 'checksumPointer', NO_CHECKSUM);
  p.trace.fact('note', { what: 'VMSA made ready' }, PREPARED);
  return page;
}
