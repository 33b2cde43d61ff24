import { hex } from '../../../core/address';
import { type Outcome, ok, type Rule, refuse } from '../../../core/fault';
import type { Registers } from '../../../core/registers';

const ISA_RULES = {
  debugUpper: {
    id: 'isa.debug-upper',
    says: 'Bits 63:32 of DR6 and DR7 have to be zero: writing another value raises #GP.',
    source: 'APM vol. 2 §13.1.1',
    standing: 'published',
  },
  xcrNumber: {
    id: 'isa.xcr-number',
    says: 'XGETBV and XSETBV find XCR0 with ECX = 0; another number raises #GP.',
    source: 'APM vol. 4 XGETBV, XSETBV; XCR1 of newer processors is left out',
    standing: 'published',
  },
  xcrBits: {
    id: 'isa.xcr-bits',
    says: 'XSETBV takes bit 0 of XCR0 set, bit 2 (AVX) only with bit 1 (SSE), and no bit that CPUID does not list.',
    source: 'APM vol. 4 XSETBV; vol. 2 §11.5.2',
    standing: 'published',
  },
} as const satisfies Record<string, Rule>;

/** Bits that can be written, and bits that are always one (APM vol. 2 §13.1.1). */
const DEBUG = {
  dr6: { writable: 0xe00fn, ones: 0xffff0ff0n },
  dr7: { writable: 0xffff23ffn, ones: 0x400n },
} as const;

/** What a debug register holds after a write of 64 bits. */
export function writeDebug(register: 'dr6' | 'dr7', value: bigint): Outcome<bigint> {
  const { writable, ones } = DEBUG[register];
  if (value >> 32n === 0n) return ok((value & writable) | ones);
  return refuse(
    ISA_RULES.debugUpper,
    '#GP',
    `${hex(value)} has bits above 31 and cannot be written to ${register.toUpperCase()}.`,
    { register, value: hex(value) },
    'A value below 2^32.',
  );
}

/** Why ECX names no extended control register; null when it is 0. */
export function xcrRefused({ rcx }: Registers): ReturnType<typeof refuse> | null {
  const number = Number(BigInt.asUintN(32, rcx));
  if (number === 0) return null;
  return refuse(
    ISA_RULES.xcrNumber,
    '#GP',
    `There is no extended control register ${number} here.`,
    { ecx: number },
    'ECX would have to be 0.',
  );
}

/** Bits of XCR0 that this machine’s processors have: x87, SSE and AVX (modelled: the others of a real one are left out). */
export const XCR0_SUPPORTED = 7n;

/** XCR0 after XSETBV; `supported` are its bits that CPUID Fn0000_000D lists. */
export function writeXcr0(registers: Registers, supported: bigint): Outcome<bigint> {
  const refused = xcrRefused(registers);
  if (refused) return refused;
  const value = (BigInt.asUintN(32, registers.rdx) << 32n) | BigInt.asUintN(32, registers.rax);
  const avxAlone = (value & 6n) === 4n;
  if ((value & 1n) === 1n && !avxAlone && (value & ~supported) === 0n) return ok(value);
  return refuse(
    ISA_RULES.xcrBits,
    '#GP',
    `XCR0 cannot become ${hex(value)}: ${ISA_RULES.xcrBits.says}`,
    { value: hex(value), supported: hex(supported) },
    'Bit 0 set, AVX only with SSE, and supported bits only.',
  );
}
