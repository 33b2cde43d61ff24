/** Bits of an SEV guest policy (SEV API; 23:16 and 31:24 hold the least API version, major and minor). */
export const SEV_POLICY_BITS = { NODBG: 0, NOKS: 1, ES: 2, NOSEND: 3, DOMAIN: 4, SEV: 5 } as const;
export type SevPolicyBit = keyof typeof SEV_POLICY_BITS;

const BITS = Object.entries(SEV_POLICY_BITS) as readonly (readonly [SevPolicyBit, number])[];

/** Names of the bits that are set, from bit 0 up. */
export const policyBitNames = (policy: number): SevPolicyBit[] =>
  BITS.filter(([, bit]) => (policy >>> bit) & 1).map(([name]) => name);

/** Policies that Xen's proposals give a guest whose configuration names none (xen.md D.3). */
export const DEFAULT_POLICIES = {
  /** Permits debugging and key sharing, although a comment there says otherwise. */
  rfc2025: 0,
  /** NODBG, NOKS, NOSEND. */
  branchSev: 0x0b,
  /** The same and ES: this bit alone chooses SEV-ES, and with it the ASID range. */
  branchSevEs: 0x0f,
} as const;

/** The branch's default for SNP: SMT allowed, reserved bit 17 set, page swap disabled. */
export const DEFAULT_SNP_POLICY = { smt: true, reservedOne: true, pageSwapDisable: true } as const;
