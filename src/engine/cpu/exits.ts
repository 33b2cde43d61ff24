import type { Rule } from '../core/fault';
import { PAGE_NOT_VALIDATED } from '../rmp/faults';
import { hasSevFeature } from './sevFeatures';

/**
 * Reasons of #VMEXIT by name, as EXITCODE of the VMCB holds them (APM vol. 2 Appendix C; Linux
 * arch/x86/include/uapi/asm/svm.h). Those below zero are 64-bit numbers there. Register numbers and vectors are added to
 * the first of a range.
 */
export const EXIT = {
  CR_READ: 0x00,
  CR_WRITE: 0x10,
  DR_READ: 0x20,
  DR7_READ: 0x27,
  DR_WRITE: 0x30,
  DR7_WRITE: 0x37,
  EXCEPTION: 0x40,
  MC: 0x52,
  VC: 0x5d,
  INTR: 0x60,
  NMI: 0x61,
  SMI: 0x62,
  INIT: 0x63,
  VINTR: 0x64,
  CR0_SEL_WRITE: 0x65,
  IDTR_READ: 0x66,
  GDTR_READ: 0x67,
  LDTR_READ: 0x68,
  TR_READ: 0x69,
  IDTR_WRITE: 0x6a,
  GDTR_WRITE: 0x6b,
  LDTR_WRITE: 0x6c,
  TR_WRITE: 0x6d,
  RDTSC: 0x6e,
  RDPMC: 0x6f,
  PUSHF: 0x70,
  POPF: 0x71,
  CPUID: 0x72,
  RSM: 0x73,
  IRET: 0x74,
  SWINT: 0x75,
  INVD: 0x76,
  PAUSE: 0x77,
  HLT: 0x78,
  INVLPG: 0x79,
  INVLPGA: 0x7a,
  IOIO: 0x7b,
  MSR: 0x7c,
  TASK_SWITCH: 0x7d,
  FERR_FREEZE: 0x7e,
  SHUTDOWN: 0x7f,
  VMRUN: 0x80,
  VMMCALL: 0x81,
  VMLOAD: 0x82,
  VMSAVE: 0x83,
  STGI: 0x84,
  CLGI: 0x85,
  SKINIT: 0x86,
  RDTSCP: 0x87,
  ICEBP: 0x88,
  WBINVD: 0x89,
  MONITOR: 0x8a,
  MWAIT: 0x8b,
  MWAIT_CONDITIONAL: 0x8c,
  XSETBV: 0x8d,
  RDPRU: 0x8e,
  EFER_WRITE_TRAP: 0x8f,
  CR0_WRITE_TRAP: 0x90,
  CR15_WRITE_TRAP: 0x9f,
  BUSLOCK: 0xa5,
  IDLE_HLT: 0xa6,
  NPF: 0x400,
  AVIC_INCOMPLETE_IPI: 0x401,
  AVIC_NOACCEL: 0x402,
  VMGEXIT: 0x403,
  INVALID: -1,
  BUSY: -2,
  IDLE_REQUIRED: -3,
  INVALID_PMC: -4,
} as const;

export type ExitName = keyof typeof EXIT;

/** Vectors of exceptions that belong to encrypted guests, and the two that a hypervisor may ask a guest to raise. */
export const VECTORS = { UD: 6, GP: 13, PF: 14, HV: 28, VC: 29 } as const;

/** Error codes of #VC that are no reasons of #VMEXIT; every other one is (APM vol. 2 §15.35.5, §15.36). */
export const VC_ERRORS = { PAGE_NOT_VALIDATED, NOT_RESTARTABLE: 0x406 } as const;

/** Bit 3 of EXITINFO1 of a nested page fault: a reserved bit was set. */
export const NPF_RESERVED = 8n;

export const EXIT_RULES = {
  automatic: {
    id: 'exit.automatic',
    says: 'With SEV-ES only the exits of a fixed list leave the guest by themselves; hardware stores its registers first.',
    source: 'APM vol. 2 §15.35.4, table 15-33',
    standing: 'published',
  },
  nonAutomatic: {
    id: 'exit.non-automatic',
    says: 'With SEV-ES every other intercepted event becomes #VC in the guest; the error code is the reason of the exit.',
    source: 'APM vol. 2 §15.35.4, §15.35.5',
    standing: 'published',
  },
  reservedNpf: {
    id: 'exit.npf-reserved',
    says: 'With SEV-ES a nested page fault is an exit only while no reserved bit caused it; with one it becomes #VC with error code 0x400.',
    source: 'APM vol. 2 §15.35.4, table 15-33; KVM marks emulated devices that way',
    standing: 'published',
  },
} as const satisfies Record<string, Rule>;

/** EXITCODE as the VMCB or a GHCB holds it, 64 bits, as one of the numbers above. */
export const exitCodeOf = (raw: bigint): number => Number(BigInt.asIntN(64, raw));

const within = (code: number, first: number, last: number): boolean => code >= first && code <= last;

const NAMES: ReadonlyMap<number, string> = new Map(
  (Object.keys(EXIT) as ExitName[]).map((name) => [EXIT[name], name]),
);

/** What the field calls a reason: `CPUID`, `CR4_WRITE_TRAP`, `EXCEPTION_14`; a number without a name in hexadecimal. */
export function exitName(code: number): string {
  if (within(code, EXIT.CR0_WRITE_TRAP, EXIT.CR15_WRITE_TRAP))
    return `CR${code - EXIT.CR0_WRITE_TRAP}_WRITE_TRAP`;
  if (within(code, EXIT.CR_READ, EXIT.CR_READ + 15)) return `CR${code - EXIT.CR_READ}_READ`;
  if (within(code, EXIT.CR_WRITE, EXIT.CR_WRITE + 15)) return `CR${code - EXIT.CR_WRITE}_WRITE`;
  if (within(code, EXIT.DR_READ, EXIT.DR_READ + 15)) return `DR${code - EXIT.DR_READ}_READ`;
  if (within(code, EXIT.DR_WRITE, EXIT.DR_WRITE + 15)) return `DR${code - EXIT.DR_WRITE}_WRITE`;
  const name = NAMES.get(code);
  if (name && code !== EXIT.EXCEPTION) return name;
  if (within(code, EXIT.EXCEPTION, EXIT.EXCEPTION + 31)) return `EXCEPTION_${code - EXIT.EXCEPTION}`;
  return `0x${BigInt.asUintN(64, BigInt(code)).toString(16)}`;
}

/** Does hardware move RIP past the instruction before it stores it? By automatic exit; null: no instruction ran. */
const AUTOMATIC: ReadonlyMap<number, boolean | null> = new Map<number, boolean | null>([
  [EXIT.MC, false],
  [EXIT.INTR, false],
  [EXIT.NMI, false],
  [EXIT.SMI, false],
  [EXIT.INIT, false],
  [EXIT.VINTR, false],
  [EXIT.PAUSE, true],
  [EXIT.HLT, true],
  [EXIT.SHUTDOWN, false],
  [EXIT.EFER_WRITE_TRAP, true],
  ...Array.from({ length: 16 }, (_, register) => [EXIT.CR0_WRITE_TRAP + register, true] as const),
  [EXIT.BUSLOCK, false],
  [EXIT.IDLE_HLT, true],
  [EXIT.NPF, false],
  [EXIT.VMGEXIT, true],
  [EXIT.INVALID, null],
  [EXIT.BUSY, null],
  [EXIT.IDLE_REQUIRED, null],
  [EXIT.INVALID_PMC, null],
]);

/** Does this event leave a guest with SEV-ES by itself? If not it becomes #VC there (APM vol. 2 table 15-33). */
export const isAutomatic = (code: number, info1 = 0n): boolean =>
  AUTOMATIC.has(code) && (code !== EXIT.NPF || (info1 & NPF_RESERVED) === 0n);

/** Does hardware move RIP past the instruction at an automatic exit? Null where no instruction caused it, or no exit follows. */
export const advancesRip = (code: number): boolean | null => AUTOMATIC.get(code) ?? null;

/** The guest whose event it is. */
export interface Intercepted {
  /** SEV_FEATURES; 0 without SEV-SNP. */
  readonly features?: bigint;
  /** For `EXIT.MSR`: which MSR. */
  readonly msr?: number;
  /**
   * Whether CPUID and port I/O of a guest with SEV-ES and without SEV-SNP count as intercepted whatever their bits say:
   * APM vol. 2 §15.36.23 says so, §15.36.12 says it of SEV-SNP only.
   */
  readonly cpuidAndPorts?: 'always' | 'by bit';
}

const ALWAYS: readonly number[] = [EXIT.SMI, EXIT.VMSAVE, EXIT.NPF, EXIT.VMGEXIT];
const PHYSICAL: readonly number[] = [EXIT.INTR, EXIT.NMI, EXIT.INIT, EXIT.MC];

/**
 * Must the VMCB ask for it, or does it happen to a guest with SEV-ES anyway? VMGEXIT and nested page faults have no bit
 * (APM vol. 2 §15.35.6, §15.25.6); a physical SMI, VMSAVE, and with some features interrupts and APIC registers always
 * count as intercepted (§15.35.11, §15.36.12, §15.36.16, §15.36.21).
 */
export function needsInterceptBit(code: number, of: Intercepted = {}): boolean {
  const { features = 0n, msr, cpuidAndPorts = 'always' } = of;
  const alternate = hasSevFeature(features, 'AlternateInjection');
  const injection =
    alternate || hasSevFeature(features, 'RestrictedInjection') || hasSevFeature(features, 'SecureAVIC');
  if (code < 0 || ALWAYS.includes(code)) return false;
  if (PHYSICAL.includes(code)) return !injection;
  if (code === EXIT.CPUID || code === EXIT.IOIO)
    return !hasSevFeature(features, 'SNPActive') && cpuidAndPorts === 'by bit';
  if (code === EXIT.MSR && msr !== undefined) return !(alternate && within(msr, 0x800, 0x8ff));
  return true;
}
