import { FORMS, type Form, type Slot } from '../form';
import type { Operand, Size } from '../instructions';
import type { Sum, Written, WrittenInstruction } from './written';

/** Whether a written operand is of the kind that a slot holds; with `size` also of its size. Numbers always fit. */
function suits(slot: Slot, written: Written, size: boolean): boolean {
  if (slot.place === 'implied') {
    const { operand } = slot;
    if (operand.kind === 'immediate')
      return written.kind === 'value' && written.sum.label === null && written.sum.constant === operand.value;
    if (written.kind !== 'register' || written.operand.kind !== 'register') return false;
    return (
      operand.kind === 'register' &&
      written.operand.register === operand.register &&
      (!size || written.operand.size === operand.size)
    );
  }
  if (slot.place === 'immediate' || slot.place === 'relative') return written.kind === 'value';
  if (written.kind === 'memory') {
    const place = slot.place === 'rm' && slot.accepts !== 'register';
    return place && (!size || written.size === null || written.size === slot.size);
  }
  if (written.kind === 'value' || (slot.place === 'rm' && slot.accepts === 'memory')) return false;
  const bank = slot.place === 'opcode' ? 'gpr' : slot.bank;
  const { operand } = written;
  if (operand.kind !== 'register') return operand.kind === bank;
  return bank === 'gpr' && (!size || operand.size === slot.size);
}

/** Whether a form takes what is written; without `size`, were the sizes others. */
export const matches = (form: Form, { operands, reach }: WrittenInstruction, size: boolean): boolean =>
  form.slots.length === operands.length &&
  form.slots.every((slot, index) => {
    const written = operands[index];
    return written !== undefined && suits(slot, written, size);
  }) &&
  (reach === null || form.slots.some((slot) => slot.place === 'relative' && slot.encoded === reach));

/** The forms that an instruction may have; whether its numbers fit shows when labels have addresses. */
export const formsFor = (written: WrittenInstruction): readonly Form[] =>
  FORMS.filter((form) => form.mnemonic === written.mnemonic && matches(form, written, true));

/** The address or number that a sum stands for. */
export type Value = (sum: Sum) => bigint;

/** Whether a number can be written for an operand of this size, with or without a sign. */
export const inRange = (value: bigint, size: Size): boolean => {
  const bits = BigInt(8 * size);
  return value >= -(1n << (bits - 1n)) && value < 1n << bits;
};

/**
 * A written operand as the slot holds it; null when its number is too large for the operand’s size. `end` is the address
 * after the instruction, null while its length is being found.
 */
export function resolve(slot: Slot, written: Written, worth: Value, end: bigint | null): Operand | null {
  if (slot.place === 'implied') return slot.operand;
  if (written.kind === 'register') return written.operand;
  const value = worth(written.sum);
  const distance = end === null ? 0n : BigInt.asIntN(64, value - end);
  if (slot.place === 'relative') return { kind: 'relative', offset: Number(distance) };
  if (written.kind === 'memory') {
    if (!inRange(value, 8)) return null;
    const size = 'size' in slot ? slot.size : 8;
    if (written.relative) return { kind: 'memory', base: 'rip', displacement: distance, size };
    return { kind: 'memory', base: written.base, displacement: BigInt.asIntN(64, value), size };
  }
  if (slot.place !== 'immediate' || !inRange(value, slot.size)) return null;
  return { kind: 'immediate', value: BigInt.asUintN(8 * slot.size, value), size: slot.size };
}
