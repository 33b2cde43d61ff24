import { type Outcome, ok } from '../../../core/fault';
import type { Registers } from '../../../core/registers';
import type { Operand, Size } from '../instructions';

/** Memory as the guest’s instructions see it, by GVA. Values have no sign. */
export interface Memory {
  load(address: bigint, size: Size): Outcome<bigint>;
  store(address: bigint, size: Size, value: bigint): Outcome<null>;
}

type Place = Extract<Operand, { kind: 'memory' }>;

/** The effective address, modulo 2^64; `next` is the address after the instruction (APM vol. 1 §2.2.3). */
export function addressOf({ base, displacement }: Place, registers: Registers, next: bigint): bigint {
  const from = base === null ? 0n : base === 'rip' ? next : registers[base];
  return BigInt.asUintN(64, from + displacement);
}

/** What an operand is worth: of a register or memory its bytes, of XMM0 the lower half, of a jump the address. */
export function readOperand(
  operand: Operand,
  registers: Registers,
  memory: Memory,
  next: bigint,
): Outcome<bigint> {
  switch (operand.kind) {
    case 'register':
      return ok(BigInt.asUintN(8 * operand.size, registers[operand.register]));
    case 'xmm':
      return ok(BigInt.asUintN(64, registers.xmm0));
    case 'debug':
      return ok(registers[operand.register]);
    case 'immediate':
      return ok(operand.value);
    case 'memory':
      return memory.load(addressOf(operand, registers, next), operand.size);
    case 'relative':
      return ok(BigInt.asUintN(64, next + BigInt(operand.offset)));
  }
}

/** A register with its low `size` bytes replaced: 4 bytes clear the upper half, 1 and 2 keep the rest (APM vol. 1 §3.1.2). */
export function merged(before: bigint, size: Size, value: bigint): bigint {
  const low = BigInt.asUintN(8 * size, value);
  return size >= 4 ? low : ((before >> BigInt(8 * size)) << BigInt(8 * size)) | low;
}

/** Writes an operand: the registers that change, after the store to memory if it is there. */
export function writeOperand(
  operand: Operand,
  value: bigint,
  registers: Registers,
  memory: Memory,
  next: bigint,
): Outcome<Partial<Registers>> {
  switch (operand.kind) {
    case 'register': {
      const { register, size } = operand;
      return ok({ [register]: merged(registers[register], size, value) });
    }
    case 'xmm':
      return ok({ xmm0: value });
    case 'memory': {
      const bytes = BigInt.asUintN(8 * operand.size, value);
      const stored = memory.store(addressOf(operand, registers, next), operand.size, bytes);
      return stored.ok ? ok({}) : stored;
    }
    default:
      throw new Error(`an operand of kind ${operand.kind} cannot be written`);
  }
}
