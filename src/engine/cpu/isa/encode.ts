import { GPRS } from '../../core/registers';
import type { Form, Slot } from './form';
import type { Operand, Size } from './instructions';

/** Little-endian, as two’s complement; the value is known to fit. */
export const little = (value: bigint, length: number): number[] =>
  Array.from({ length }, (_, i) => Number(BigInt.asUintN(8, value >> BigInt(8 * i))));

const fits = (value: bigint, bytes: number): boolean => BigInt.asIntN(bytes * 8, value) === value;

type Memory = Extract<Operand, { kind: 'memory' }>;

interface Rm {
  readonly mod: number;
  /** With the bit for REX.B. */
  readonly rm: number;
  /** SIB and displacement. */
  readonly after: readonly number[];
}

/** The shortest way to say an address without an index (APM vol. 3 §1.4); null when the displacement is too far. */
function memory({ base, displacement }: Memory): Rm | null {
  if (!fits(displacement, 4)) return null;
  const far = little(displacement, 4);
  if (base === 'rip') return { mod: 0, rm: 5, after: far };
  if (base === null) return { mod: 0, rm: 4, after: [0x25, ...far] };
  const rm = GPRS.indexOf(base);
  const sib = (rm & 7) === 4 ? [0x24] : [];
  if (displacement === 0n && (rm & 7) !== 5) return { mod: 0, rm, after: sib };
  if (fits(displacement, 1)) return { mod: 1, rm, after: [...sib, ...little(displacement, 1)] };
  return { mod: 2, rm, after: [...sib, ...far] };
}

/** The number of a register in a slot; null when the operand is of another kind or size. */
function registerNumber(operand: Operand, bank: 'gpr' | 'xmm' | 'debug', size: Size): number | null {
  if (bank === 'gpr' && operand.kind === 'register' && operand.size === size)
    return GPRS.indexOf(operand.register);
  if (bank === 'xmm' && operand.kind === 'xmm') return 0;
  if (bank === 'debug' && operand.kind === 'debug') return operand.register === 'dr6' ? 6 : 7;
  return null;
}

function rmOf(slot: Extract<Slot, { place: 'rm' }>, operand: Operand): Rm | null {
  if (operand.kind === 'memory')
    return slot.accepts !== 'register' && operand.size === slot.size ? memory(operand) : null;
  const rm = slot.accepts === 'memory' ? null : registerNumber(operand, slot.bank, slot.size);
  return rm === null ? null : { mod: 3, rm, after: [] };
}

/** The bytes of a number or a jump; null when it does not fit. */
function numberOf(slot: Slot, operand: Operand): readonly number[] | null {
  if (slot.place === 'relative' && operand.kind === 'relative') {
    const offset = BigInt(operand.offset);
    return fits(offset, slot.encoded) ? little(offset, slot.encoded) : null;
  }
  if (slot.place !== 'immediate' || operand.kind !== 'immediate' || operand.size !== slot.size) return null;
  const extended = BigInt.asUintN(slot.size * 8, BigInt.asIntN(slot.encoded * 8, operand.value));
  return extended === operand.value ? little(operand.value, slot.encoded) : null;
}

const same = (a: Operand, b: Operand): boolean =>
  (a.kind === 'register' && b.kind === 'register' && a.register === b.register && a.size === b.size) ||
  (a.kind === 'immediate' && b.kind === 'immediate' && a.value === b.value);

const needsRex = (slot: Slot, number: number): boolean =>
  'size' in slot && slot.size === 1 && number >= 4 && number <= 7;

/** The bytes of an instruction in one of its forms, with a repeat prefix or none; null when an operand does not fit the form. */
export function encode(form: Form, operands: readonly Operand[], rep: boolean): Uint8Array | null {
  if (form.slots.length !== operands.length || (rep && form.f3 !== 'repeats')) return null;
  let [rex, reg, low] = [form.w ? 0x48 : 0, form.digit, 0];
  let rm: Rm | null = null;
  let number: readonly number[] = [];
  for (const [index, slot] of form.slots.entries()) {
    const operand = operands[index];
    if (!operand) return null;
    if (slot.place === 'implied') {
      if (!same(slot.operand, operand)) return null;
    } else if (slot.place === 'rm') {
      rm = rmOf(slot, operand);
      if (!rm) return null;
      if (rm.rm > 7) rex |= 0x41;
      if (rm.mod === 3 && slot.bank === 'gpr' && needsRex(slot, rm.rm)) rex |= 0x40;
    } else if (slot.place === 'reg' || slot.place === 'opcode') {
      const bank = slot.place === 'reg' ? slot.bank : 'gpr';
      const found = registerNumber(operand, bank, slot.size);
      if (found === null) return null;
      if (needsRex(slot, found)) rex |= 0x40;
      if (slot.place === 'reg') reg = found;
      else low = found & 7;
      if (found > 7) rex |= slot.place === 'reg' ? 0x44 : 0x41;
    } else {
      const bytes = numberOf(slot, operand);
      if (!bytes) return null;
      number = bytes;
    }
  }
  const opcode = [...form.opcode.slice(0, -1), (form.opcode.at(-1) ?? 0) + low];
  const modrm = rm ? [(rm.mod << 6) | (((reg ?? 0) & 7) << 3) | (rm.rm & 7), ...rm.after] : [];
  return Uint8Array.from([
    ...(form.f2 ? [0xf2] : []),
    ...(rep || form.f3 === 'needed' ? [0xf3] : []),
    ...(form.p66 ? [0x66] : []),
    ...(rex ? [rex] : []),
    ...opcode,
    ...modrm,
    ...number,
  ]);
}
