/** Bits `hi` down to `lo` of the MSR; values that have names. */
interface MsrField {
  readonly hi: number;
  readonly lo: number;
  readonly values?: Readonly<Record<number, string>>;
}

interface MsrCode {
  /** Bits 11:0. */
  readonly code: number;
  readonly title: string;
  /** Who writes it; null: no message of the protocol. */
  readonly from: 'guest' | 'hypervisor' | null;
  readonly fields: Readonly<Record<string, MsrField>>;
}

const GFN = { hi: 63, lo: 12 };
const CPUID_REGISTER = { hi: 31, lo: 30, values: { 0: 'EAX', 1: 'EBX', 2: 'ECX', 3: 'EDX' } };
const ERROR = { hi: 63, lo: 32 };

/**
 * Messages that guest and hypervisor exchange through MSR C001_0130 without any shared memory. Bits that no field has are
 * reserved (GHCB specification #56421; Linux arch/x86/include/asm/sev-common.h; openvmm x86defs/src/snp.rs for 003).
 */
export const GHCB_MSR = {
  gpa: { code: 0x000, title: 'GHCB GPA', from: null, fields: { gfn: GFN } },
  sevInfo: {
    code: 0x001,
    title: 'SEV information',
    from: 'hypervisor',
    fields: { maxVersion: { hi: 63, lo: 48 }, minVersion: { hi: 47, lo: 32 }, cBit: { hi: 31, lo: 24 } },
  },
  sevInfoRequest: { code: 0x002, title: 'SEV information request', from: 'guest', fields: {} },
  /** Withdrawn. */
  apJumpTable: { code: 0x003, title: 'AP jump table', from: null, fields: {} },
  cpuidRequest: {
    code: 0x004,
    title: 'CPUID request',
    from: 'guest',
    fields: { function: { hi: 63, lo: 32 }, register: CPUID_REGISTER },
  },
  cpuidResponse: {
    code: 0x005,
    title: 'CPUID response',
    from: 'hypervisor',
    fields: { value: { hi: 63, lo: 32 }, register: CPUID_REGISTER },
  },
  apResetHoldRequest: { code: 0x006, title: 'AP reset hold request', from: 'guest', fields: {} },
  apResetHoldResponse: {
    code: 0x007,
    title: 'AP reset hold response',
    from: 'hypervisor',
    fields: { woken: { hi: 63, lo: 12 } },
  },
  preferredRequest: { code: 0x010, title: 'Preferred GHCB GPA request', from: 'guest', fields: {} },
  preferredResponse: {
    code: 0x011,
    title: 'Preferred GHCB GPA response',
    from: 'hypervisor',
    fields: { gfn: GFN },
  },
  registerRequest: {
    code: 0x012,
    title: 'Register GHCB GPA request',
    from: 'guest',
    fields: { gfn: GFN },
  },
  registerResponse: {
    code: 0x013,
    title: 'Register GHCB GPA response',
    from: 'hypervisor',
    fields: { gfn: GFN },
  },
  pscRequest: {
    code: 0x014,
    title: 'SNP page state change request',
    from: 'guest',
    fields: {
      operation: { hi: 55, lo: 52, values: { 1: 'private', 2: 'shared' } },
      gfn: { hi: 51, lo: 12 },
    },
  },
  pscResponse: {
    code: 0x015,
    title: 'SNP page state change response',
    from: 'hypervisor',
    fields: { error: ERROR },
  },
  runVmplRequest: {
    code: 0x016,
    title: 'SNP run-at-VMPL request',
    from: 'guest',
    fields: { vmpl: { hi: 39, lo: 32 } },
  },
  runVmplResponse: {
    code: 0x017,
    title: 'SNP run-at-VMPL response',
    from: 'hypervisor',
    fields: { error: ERROR },
  },
  featuresRequest: { code: 0x080, title: 'Hypervisor features request', from: 'guest', fields: {} },
  featuresResponse: {
    code: 0x081,
    title: 'Hypervisor features response',
    from: 'hypervisor',
    fields: { features: { hi: 63, lo: 12 } },
  },
  terminate: {
    code: 0x100,
    title: 'Termination request',
    from: 'guest',
    fields: { reason: { hi: 23, lo: 16 }, set: { hi: 15, lo: 12 } },
  },
} as const satisfies Record<string, MsrCode>;

export type GhcbMsrName = keyof typeof GHCB_MSR;
export type GhcbMsrValues<N extends GhcbMsrName> = Readonly<
  Record<keyof (typeof GHCB_MSR)[N]['fields'], number>
>;

/** A frame number that says: none, or refused. */
export const NO_GFN = 2 ** 52 - 1;

/** Bits of the hypervisor features, of code 081 and of event 8000_FFFD alike (GHCB specification #56421). */
export const HYPERVISOR_FEATURES = {
  snp: { bit: 0, title: 'SNP' },
  apCreation: { bit: 1, title: 'SNP AP creation' },
  restrictedInjection: { bit: 2, title: 'restricted injection' },
  restrictedInjectionTimer: { bit: 3, title: 'restricted injection timer' },
  apicIdList: { bit: 4, title: 'APIC ID list' },
  multiVmpl: { bit: 5, title: 'multi-VMPL' },
  pageStateChange: { bit: 6, title: 'page state change' },
  extendedInterrupts: { bit: 9, title: 'extended interrupts' },
} as const;

/** Reasons of a termination by set and code: 0 the specification’s, 1 Linux’s (Linux arch/x86/include/asm/sev-common.h). */
export const TERMINATIONS: Readonly<Record<number, Readonly<Record<number, string>>>> = {
  0: { 0: 'general request', 1: 'protocol version not supported', 2: 'SNP features not supported' },
  1: {
    0: 'GHCB registration failure',
    1: 'page state change failure',
    2: 'PVALIDATE failure',
    3: 'not VMPL0',
  },
};

/** A value of the MSR taken apart. `reserved` are the bits set that the layout reserves. */
export type GhcbMsrMessage =
  | {
      [N in GhcbMsrName]: {
        readonly name: N;
        readonly values: GhcbMsrValues<N>;
        readonly reserved: bigint;
      };
    }[GhcbMsrName]
  | { readonly name: null; readonly code: number; readonly data: bigint };

const CODE_MASK = 0xfffn;

const fieldsOf = (name: GhcbMsrName): Readonly<Record<string, MsrField>> => GHCB_MSR[name].fields;
const maskOf = ({ hi, lo }: MsrField): bigint => BigInt.asUintN(hi - lo + 1, -1n) << BigInt(lo);

/** A value of the MSR; what does not fit into a field is cut off. */
export function encodeGhcbMsr<N extends GhcbMsrName>(name: N, values: GhcbMsrValues<N>): bigint {
  let raw = BigInt(GHCB_MSR[name].code);
  for (const [key, field] of Object.entries(fieldsOf(name))) {
    const value = BigInt((values as Readonly<Record<string, number>>)[key] ?? 0);
    raw |= (value << BigInt(field.lo)) & maskOf(field);
  }
  return raw;
}

/** Takes 64 bits apart; `name` is null for a code that the protocol does not have. */
export function decodeGhcbMsr(raw: bigint): GhcbMsrMessage {
  const code = Number(raw & CODE_MASK);
  const name = (Object.keys(GHCB_MSR) as GhcbMsrName[]).find((each) => GHCB_MSR[each].code === code);
  if (!name) return { name: null, code, data: raw >> 12n };
  const fields = Object.entries(fieldsOf(name));
  const values = Object.fromEntries(
    fields.map(([key, field]) => [key, Number((raw & maskOf(field)) >> BigInt(field.lo))]),
  );
  const known = fields.reduce((mask, [, field]) => mask | maskOf(field), CODE_MASK);
  return { name, values, reserved: raw & ~known } as GhcbMsrMessage;
}
