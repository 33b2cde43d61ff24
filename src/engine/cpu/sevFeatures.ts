/**
 * Bits of SEV_FEATURES, which the VMSA holds at 0x3b0 (APM vol. 2 table 15-32, §15.36). Each is a property of one vCPU;
 * bits 17 to 20 are reserved.
 */
export const SEV_FEATURES = {
  SNPActive: { bit: 0, help: 'the RMP is checked as for an SNP guest' },
  vTOM: { bit: 1, help: 'C follows from VIRTUAL_TOM, not from the table entry' },
  ReflectVC: { bit: 2, help: 'what would be #VC becomes an automatic exit' },
  RestrictedInjection: { bit: 3, help: 'only #HV may be injected' },
  AlternateInjection: { bit: 4, help: 'events to inject come from the VMSA' },
  DebugVirtualization: { bit: 5, help: 'DR0 to DR3 and their masks are swapped' },
  PreventHostIBS: { bit: 6, help: 'VMRUN fails while the host samples instructions' },
  BTBIsolation: { bit: 7, help: 'branch targets of the host are kept apart' },
  VmplSSS: { bit: 8, help: 'VMPLs have a permission for supervisor shadow stacks' },
  SecureTsc: { bit: 9, help: 'the TSC follows scale and offset of the VMSA' },
  VmgexitParameter: { bit: 10, help: 'VMGEXIT shows RAX and CPL in the VMCB' },
  PmcVirtualization: { bit: 11, help: 'performance counters are virtual' },
  IbsVirtualization: { bit: 12, help: 'instruction-based sampling is virtual' },
  GuestInterceptCtl: { bit: 13, help: 'the guest can ask for intercepts' },
  VmsaRegProt: { bit: 14, help: 'registers in the VMSA are XORed with a nonce' },
  SmtProtection: { bit: 15, help: 'VMRUN needs an idle sibling thread' },
  SecureAVIC: { bit: 16, help: 'the interrupt controller is the guest’s own' },
  IbpbOnEntry: { bit: 21, help: 'branch predictions are forgotten at VMRUN' },
} as const;

export type SevFeature = keyof typeof SEV_FEATURES;

/** By which name CPUID Fn8000_001F[EAX] says that a processor has the feature; of the others CPUID says nothing that is published. */
const CPUID_BITS: Partial<Readonly<Record<SevFeature, string>>> = {
  SNPActive: 'SEV-SNP',
  RestrictedInjection: 'RestrictedInjection',
  AlternateInjection: 'AlternateInjection',
  DebugVirtualization: 'DebugVirt',
  PreventHostIBS: 'PreventHostIbs',
  VmplSSS: 'VmplSSS',
  SecureTsc: 'SecureTsc',
  VmgexitParameter: 'VmgexitParameter',
  PmcVirtualization: 'PmcVirtGuestCtl',
  IbsVirtualization: 'IbsVirtGuestCtl',
  GuestInterceptCtl: 'GuestInterceptControl',
  VmsaRegProt: 'VmsaRegProt',
  SmtProtection: 'SmtProtection',
  SecureAVIC: 'SecureAvic',
  IbpbOnEntry: 'IbpbOnEntry',
};

/** Of the features in a value of SEV_FEATURES, those that a processor has not. @param has by name of the bit of CPUID. */
export const missingFeatures = (features: bigint, has: (name: string) => boolean): SevFeature[] =>
  (Object.keys(CPUID_BITS) as SevFeature[]).filter((name) => {
    const bit = CPUID_BITS[name];
    return hasSevFeature(features, name) && bit !== undefined && !has(bit);
  });

/** The features in a value of SEV_FEATURES. */
export const sevFeaturesIn = (features: number): readonly SevFeature[] =>
  (Object.keys(SEV_FEATURES) as SevFeature[]).filter((name) => hasSevFeature(BigInt(features), name));

/** Is a feature on in this value of SEV_FEATURES? */
export const hasSevFeature = (features: bigint, name: SevFeature): boolean =>
  ((features >> BigInt(SEV_FEATURES[name].bit)) & 1n) === 1n;

/** Bits 0 and 1 of SEV_STATUS come from VMCB 0x90. */
export const STATUS_SEV = 1n;
export const STATUS_SEV_ES = 2n;
const STATUS_SHIFT = 2;

/** Where SEV_STATUS (MSR C001_0131) shows a bit of SEV_FEATURES (APM vol. 2 table 15-32). */
export const statusBit = (bit: number): number => bit + STATUS_SHIFT;

/** SEV_STATUS of a guest with these features; the hypervisor cannot intercept that it is read (APM vol. 2 table 15-32). */
export const sevStatus = (es: boolean, features: bigint): bigint =>
  STATUS_SEV | (es ? STATUS_SEV_ES | (features << BigInt(STATUS_SHIFT)) : 0n);
