import type { Outcome } from '../../core/fault';
import type { Registers } from '../../core/registers';
import type { Instruction, PlainMnemonic } from './instructions';
import { ARITHMETIC_RUNS } from './run/arithmetic';
import { FLOW_RUNS } from './run/flow';
import { eventOf } from './run/intercepted';
import { MOVE_RUNS } from './run/moves';
import type { Memory } from './run/operandAccess';
import { become, type Effect, happens, type Run, type Step } from './run/step';

const RUNS: Readonly<Record<PlainMnemonic, Run>> = { ...MOVE_RUNS, ...ARITHMETIC_RUNS, ...FLOW_RUNS };

const isPlain = (mnemonic: string): mnemonic is PlainMnemonic => Object.hasOwn(RUNS, mnemonic);

/**
 * One instruction at `registers.rip`, in 64-bit mode at privilege level 0. A refused access to memory or a reserved bit
 * is the fault; nothing has changed then. Interrupt shadows are not kept. What a hypervisor could intercept is answered
 * by an event and not executed.
 */
export function execute(instruction: Instruction, registers: Registers, memory: Memory): Outcome<Effect> {
  const { mnemonic, length } = instruction;
  const next = BigInt.asUintN(64, registers.rip + BigInt(length));
  const step: Step = { instruction, registers, memory, next };
  if (isPlain(mnemonic)) return RUNS[mnemonic](step);
  const event = eventOf(instruction, registers);
  return event ? happens(event) : become(step);
}
