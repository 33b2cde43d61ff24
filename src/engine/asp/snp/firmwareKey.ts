import type { Rule } from '../../core/fault';
import { FIRMWARE_KEY } from '../../core/key';
import type { Platform } from '../../core/platform';
import { drawSecret } from '../secrets';

const LOADED: Rule = {
  id: 'asp.snp-firmware-key',
  says: 'What the firmware keeps in memory for itself is encrypted with a key that no ASID selects.',
  source: 'modelled: how the firmware encrypts guest contexts is not published',
  standing: 'modelled',
};

/** The key for the firmware’s own pages; one is enough until the next reset. */
export function makeFirmwareKey(p: Platform): void {
  if (p.state.cell('slot', FIRMWARE_KEY)) return;
  const keyId = drawSecret(p, 'key');
  p.trace.fact('note', { what: 'key loaded', slot: FIRMWARE_KEY, keyId }, LOADED);
  p.trace.set('slot', FIRMWARE_KEY, { keyId });
}
