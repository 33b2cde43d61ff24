import { type Outcome, ok } from '../../../core/fault';
import type { Registers } from '../../../core/registers';
import type { Event } from '../events';
import type { Instruction, Operand, Size } from '../instructions';
import { type Memory, readOperand, writeOperand } from './operandAccess';

/** What an instruction comes to: other registers, RIP among them, or something that others have to answer. */
export type Effect =
  | { readonly kind: 'next'; readonly registers: Registers }
  | { readonly kind: 'event'; readonly event: Event };

/** An instruction under way; `next` is the address after it. */
export interface Step {
  readonly instruction: Instruction;
  readonly registers: Registers;
  readonly memory: Memory;
  readonly next: bigint;
}

/** How an instruction runs. */
export type Run = (step: Step) => Outcome<Effect>;

/** The registers after it: RIP goes on unless `changes` says where. */
export const become = ({ registers, next }: Step, changes: Partial<Registers> = {}): Outcome<Effect> =>
  ok({ kind: 'next', registers: { ...registers, rip: next, ...changes } });

export const happens = (event: Event): Outcome<Effect> => ok({ kind: 'event', event });

/** @throws Error when the instruction has fewer operands: then it is not one of the table. */
export function operandOf({ instruction }: Step, index: number): Operand {
  const operand = instruction.operands[index];
  if (!operand) throw new Error(`${instruction.mnemonic} without operand ${index}`);
  return operand;
}

export const sizeOf = (operand: Operand): Size => ('size' in operand ? operand.size : 8);

export const read = (step: Step, index: number): Outcome<bigint> =>
  readOperand(operandOf(step, index), step.registers, step.memory, step.next);

/** Writes the first operand and goes on; what it writes goes before `changes`. */
export function write(step: Step, value: bigint, changes: Partial<Registers> = {}): Outcome<Effect> {
  const written = writeOperand(operandOf(step, 0), value, step.registers, step.memory, step.next);
  return written.ok ? become(step, { ...changes, ...written.value }) : written;
}

/** Pushes 8 bytes and goes on. */
export function push(step: Step, value: bigint, changes: Partial<Registers> = {}): Outcome<Effect> {
  const rsp = BigInt.asUintN(64, step.registers.rsp - 8n);
  const stored = step.memory.store(rsp, 8, value);
  return stored.ok ? become(step, { rsp, ...changes }) : stored;
}

/** The 8 bytes on top of the stack, and RSP without them. */
export function pop({ registers, memory }: Step): Outcome<{ readonly top: bigint; readonly rsp: bigint }> {
  const loaded = memory.load(registers.rsp, 8);
  return loaded.ok ? ok({ top: loaded.value, rsp: BigInt.asUintN(64, registers.rsp + 8n) }) : loaded;
}
