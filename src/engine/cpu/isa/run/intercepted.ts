import type { Registers } from '../../../core/registers';
import type { Event, IoEvent } from '../events';
import { type Instruction, type Operand, TABLE } from '../instructions';

const portOf = (operand: Operand | undefined, { rdx }: Registers): number =>
  Number(operand?.kind === 'immediate' ? operand.value : BigInt.asUintN(16, rdx));

const ioSize = (operand: Operand | undefined): 1 | 2 | 4 => {
  const size = operand?.kind === 'register' ? operand.size : 4;
  return size === 8 ? 4 : size;
};

const STRING_SIZES = { b: 1, w: 2, d: 4 } as const;

function io({ mnemonic, operands, rep }: Instruction, registers: Registers): IoEvent {
  const [first, second] = operands;
  if (mnemonic === 'in' || mnemonic === 'out') {
    const input = mnemonic === 'in';
    const [port, data] = input ? [second, first] : [first, second];
    return {
      name: 'IOIO',
      in: input,
      string: false,
      rep: false,
      size: ioSize(data),
      port: portOf(port, registers),
      segment: null,
    };
  }
  const input = mnemonic.startsWith('in');
  const size = STRING_SIZES[mnemonic.slice(-1) as keyof typeof STRING_SIZES];
  const port = portOf(undefined, registers);
  return { name: 'IOIO', in: input, string: true, rep, size, port, segment: input ? 'es' : 'ds' };
}

/**
 * The event of an instruction that is not executed here; null when it repeats zero times and so does nothing (that it is
 * not intercepted then either is modelled).
 *
 * @throws Error for an instruction that has no event.
 */
export function eventOf(instruction: Instruction, registers: Registers): Event | null {
  const { event } = TABLE[instruction.mnemonic];
  if (!event) throw new Error(`${instruction.mnemonic} is no event`);
  if (event !== 'IOIO') return { name: event };
  return instruction.rep && registers.rcx === 0n ? null : io(instruction, registers);
}
