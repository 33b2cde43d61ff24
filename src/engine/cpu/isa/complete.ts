import { type Outcome, ok } from '../../core/fault';
import type { Gpr, Registers } from '../../core/registers';
import type { IoEvent } from './events';
import { writeDebug, writeXcr0 } from './run/checked';
import { FLAG } from './run/flags';
import { merged } from './run/operandAccess';

// How the processor finishes events that nobody intercepts, as far as that is register work.

/** Goes on after an instruction of `length` bytes, with other registers changed. */
export const advance = (
  registers: Registers,
  length: number,
  changes: Partial<Registers> = {},
): Registers => ({ ...registers, ...changes, rip: BigInt.asUintN(64, registers.rip + BigInt(length)) });

const low = (value: bigint): bigint => BigInt.asUintN(32, value);

/** RDTSC, RDPMC and RDMSR: 64 bits into EDX:EAX; the upper halves of both registers become zero. */
export const completeEdxEax = (registers: Registers, length: number, value: bigint): Registers =>
  advance(registers, length, { rax: low(value), rdx: low(value >> 32n) });

/** RDTSCP: the counter into EDX:EAX and TSC_AUX into ECX. */
export const completeRdtscp = (
  registers: Registers,
  length: number,
  counter: bigint,
  tscAux: bigint,
): Registers => ({ ...completeEdxEax(registers, length, counter), rcx: low(tscAux) });

/** CPUID: 32 bits each. */
export const completeCpuid = (
  registers: Registers,
  length: number,
  leaf: { readonly eax: number; readonly ebx: number; readonly ecx: number; readonly edx: number },
): Registers =>
  advance(registers, length, {
    rax: low(BigInt(leaf.eax)),
    rbx: low(BigInt(leaf.ebx)),
    rcx: low(BigInt(leaf.ecx)),
    rdx: low(BigInt(leaf.edx)),
  });

/** IN: the value of the port into AL, AX or EAX. */
export const completeIn = (
  registers: Registers,
  length: number,
  { size }: IoEvent,
  value: bigint,
): Registers => advance(registers, length, { rax: merged(registers.rax, size, value) });

/**
 * INS and OUTS after `count` elements went through: the pointer moves by the direction flag; a repeated one counts down
 * RCX and goes on only when that is zero (APM vol. 3 §1.2.6).
 */
export function completeString(
  registers: Registers,
  length: number,
  event: IoEvent,
  count: number,
): Registers {
  const pointer = event.in ? 'rdi' : 'rsi';
  const bytes = BigInt(count * event.size) * ((registers.rflags & FLAG.direction) === 0n ? 1n : -1n);
  const moved = { ...registers, [pointer]: BigInt.asUintN(64, registers[pointer] + bytes) };
  if (!event.rep) return advance(moved, length);
  const rcx = BigInt.asUintN(64, registers.rcx - BigInt(count));
  return rcx === 0n ? advance(moved, length, { rcx }) : { ...moved, rcx };
}

export const completeDr7Read = (registers: Registers, length: number, register: Gpr): Registers =>
  advance(registers, length, { [register]: registers.dr7 });

/** #GP for a value with bits above 31. */
export function completeDr7Write(registers: Registers, length: number, register: Gpr): Outcome<Registers> {
  const written = writeDebug('dr7', registers[register]);
  return written.ok ? ok(advance(registers, length, { dr7: written.value })) : written;
}

/** #GP for another register than XCR0 or bits that the processor does not have; `supported` are those that it has. */
export function completeXsetbv(registers: Registers, length: number, supported: bigint): Outcome<Registers> {
  const written = writeXcr0(registers, supported);
  return written.ok ? ok(advance(registers, length, { xcr0: written.value })) : written;
}
