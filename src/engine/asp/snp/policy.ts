import type { ContextCell } from '../../core/snpCells';

/** The guest policy of SNP, 64 bits (AMD-ASPFW sev_guest.h). Bit 17 has to be 1. */
export const SNP_POLICY = {
  minor: { lsb: 0n, mask: 0xffn },
  major: { lsb: 8n, mask: 0xffn },
  smt: 1n << 16n,
  mustBeOne: 1n << 17n,
  migrateMa: 1n << 18n,
  debug: 1n << 19n,
  singleSocket: 1n << 20n,
  /** Only newer firmware knows it (Linux include/linux/psp-sev.h); see `FIXES`. */
  swapDisabled: 1n << 25n,
  reserved: ~0x1fffffn & ((1n << 64n) - 1n),
} as const;

/** Least firmware version that a policy asks for. */
export const snpPolicyVersion = (policy: bigint): { major: number; minor: number } => ({
  major: Number((policy >> SNP_POLICY.major.lsb) & SNP_POLICY.major.mask),
  minor: Number((policy >> SNP_POLICY.minor.lsb) & SNP_POLICY.minor.mask),
});

/** Has the guest’s policy one of these bits? */
export const policyHas = ({ policy }: ContextCell, bit: bigint): boolean => (BigInt(policy) & bit) !== 0n;
