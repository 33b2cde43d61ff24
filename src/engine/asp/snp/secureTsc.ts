import { readVmsaField, writeVmsaField } from '../../cpu/vmsaFields';

/** Secure TSC: the firmware says in the VMSA how fast a guest’s clock runs (AMD-ASPFW sev_mcmd.c: calc_tsc_scale). */
const FEATURE = 1n << 9n;

/** What the clock of the reference is taken for, in kHz (AMD-ASPFW sev_mcmd.h: REF_CLK_GENOA). */
const REFERENCE = 99_800n;

/** TSC_FACTOR of the secrets page, in units of 0.01 % (AMD-ASPFW sev_mcmd.h: TSC_FACTOR_GENOA). */
export const TSC_FACTOR = 200;

/** GUEST_TSC_SCALE: the wanted frequency by the reference, 8 bits and 32 behind the point, rounded up. @param frequency kHz. */
export function tscScale(frequency: number): bigint {
  const wanted = BigInt(frequency) << 32n;
  return (wanted + REFERENCE - 1n) / REFERENCE;
}

export const hasSecureTsc = (vmsa: Uint8Array): boolean =>
  (readVmsaField(vmsa, 'sevFeatures') & FEATURE) !== 0n;

/** Puts the clock of a guest into its VMSA. @param vmsa 4096 bytes, changed. */
export function setGuestTsc(vmsa: Uint8Array, frequency: number, offset: bigint): void {
  writeVmsaField(vmsa, 'guestTscScale', tscScale(frequency));
  writeVmsaField(vmsa, 'guestTscOffset', offset);
}
