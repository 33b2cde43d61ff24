import { hasFix } from '../../core/config';
import type { Platform } from '../../core/platform';
import { snpOf } from './state';

/** Bits of PLATFORM_INFO (SEV-SNP firmware ABI #56860; google/go-sev-guest; virtee/sev; crypto-and-attestation.md 5). */
export const PLATFORM_INFO_BITS = {
  smt: 0,
  tsme: 1,
  ecc: 2,
  raplDisabled: 3,
  ciphertextHiding: 4,
  aliasCheckComplete: 5,
} as const;

type Bit = keyof typeof PLATFORM_INFO_BITS;

/**
 * What a report says of the platform. The alias check is complete where the boot firmware has it and has found nothing; an alias
 * that somebody makes later is not noticed. Modelled: no ECC, and power reporting is never off.
 */
export function platformInfo(p: Platform): bigint {
  const { topology, tsme } = p.config;
  const holds: Readonly<Record<Bit, boolean>> = {
    smt: topology.threads > 1,
    tsme,
    ecc: false,
    raplDisabled: false,
    ciphertextHiding: snpOf(p).hiding === true,
    aliasCheckComplete: hasFix(p.config, 'alias-check') && p.state.cell('stick')?.aliased !== true,
  };
  return (Object.keys(holds) as Bit[]).reduce(
    (info, bit) => (holds[bit] ? info | (1n << BigInt(PLATFORM_INFO_BITS[bit])) : info),
    0n,
  );
}
