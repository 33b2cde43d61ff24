import { FORMS, type Form, type Slot } from '../form';
import { decimalOrHex } from '../numbers';
import { registerName } from '../registerNames';
import { inRange, matches, type Value } from './match';
import type { Problem } from './tokens';
import type { Written, WrittenInstruction } from './written';

function described(slot: Slot): string {
  if (slot.place === 'immediate') return 'a number';
  if (slot.place === 'relative') return 'a label';
  if (slot.place === 'implied') {
    const { operand } = slot;
    return operand.kind === 'register' ? registerName(operand.register, operand.size) : '1';
  }
  if (slot.place === 'rm' && slot.accepts === 'either') return 'a register or memory';
  if (slot.place === 'rm' && slot.accepts === 'memory') return 'memory';
  if (slot.place === 'opcode' || slot.bank === 'gpr') return 'a register';
  return slot.bank === 'xmm' ? 'xmm0' : 'dr6 or dr7';
}

const COUNTS = ['none', 'one', 'two'];
const counted = (count: number): string => COUNTS[count] ?? `${count}`;

const sizeOf = (one: Written): string[] => {
  if (one.kind === 'register' && one.operand.kind === 'register')
    return [`${one.name} has ${8 * one.operand.size} bits`];
  return one.kind === 'memory' && one.size ? [`the memory has ${8 * one.size}`] : [];
};

/** Why an instruction has no form with its operands. `column` is its own. */
export function misfit(written: WrittenInstruction, column: number): Problem {
  const { mnemonic, operands, reach } = written;
  const forms = FORMS.filter((form) => form.mnemonic === mnemonic);
  const counts = [...new Set(forms.map(({ slots }) => slots.length))];
  const [first, second] = operands;
  if (!counts.includes(operands.length)) {
    const takes = `${counts.map(counted).join(' or ')}, not ${counted(operands.length)}`;
    return { column, message: `${mnemonic} takes another number of operands: ${takes}.` };
  }
  if (first?.kind === 'memory' && second?.kind === 'memory')
    return { column: second.column, message: 'Only one operand can be in memory: go through a register.' };
  if (reach !== null && forms.some((form) => matches(form, { ...written, reach: null }, true)))
    return { column, message: `${mnemonic} has no ${reach === 1 ? 'short' : 'near'} form here.` };
  const at = first?.column ?? column;
  if (forms.some((form) => matches(form, written, false))) {
    const sizes = operands.flatMap(sizeOf).join(', ');
    return { column: at, message: `${mnemonic} does not take these sizes: ${sizes}.` };
  }
  const ways = new Set(forms.map(({ slots }) => slots.map(described).join(' and ')));
  return { column: at, message: `${mnemonic} takes ${[...ways].join('; ')}.` };
}

/** What is wrong when the size of a memory operand does not follow from the other one; null when it does. */
export function unsized({ operands }: WrittenInstruction, forms: readonly Form[]): Problem | null {
  const index = operands.findIndex((one) => one.kind === 'memory' && one.size === null);
  const sizes = new Set(
    forms.map(({ slots }) => {
      const slot = slots[index];
      return slot?.place === 'rm' ? slot.size : null;
    }),
  );
  if (sizes.size < 2) return null;
  const column = operands[index]?.column ?? 1;
  return { column, message: 'How much memory? Write byte, word, dword or qword before the bracket.' };
}

/** Why a number does not fit its slot wherever the program stands; null when it does. */
function tooLarge(mnemonic: string, slot: Slot, written: Written, worth: Value): string | null {
  if (written.kind === 'register' || (written.kind === 'memory' && written.relative)) return null;
  const value = worth(written.sum);
  const shown = decimalOrHex(value);
  if (written.kind === 'memory') {
    if (inRange(value, 8) && BigInt.asIntN(32, value) === BigInt.asIntN(64, value)) return null;
    return `${shown} does not fit into the 32 bits of an address here: mov the address into a register first.`;
  }
  if (slot.place !== 'immediate') return null;
  if (!inRange(value, slot.size)) return `${shown} does not fit into ${8 * slot.size} bits.`;
  if (slot.encoded === slot.size) return null;
  return `${mnemonic} takes numbers of ${8 * slot.encoded} bits with a sign, and ${shown} is none: mov it into a register first.`;
}

/** Which number fits no form of an instruction; the forms are those that match it. */
export function outOfRange(
  { mnemonic, operands }: WrittenInstruction,
  forms: readonly Form[],
  worth: Value,
): Problem {
  const slots = forms.at(-1)?.slots ?? [];
  let far: Problem | null = null;
  for (const [index, written] of operands.entries()) {
    const slot = slots[index];
    if (!slot) continue;
    const message = tooLarge(mnemonic, slot, written, worth);
    const { column } = written;
    if (message) return { column, message };
    const reach = slot.place === 'relative' && slot.encoded === 1 ? '-128 to 127 bytes' : '2 GiB';
    if (slot.place === 'relative' || (written.kind === 'memory' && written.relative))
      far ??= { column, message: `This is too far for ${mnemonic}: it reaches ${reach} from its end.` };
  }
  if (far) return far;
  throw new Error(`${mnemonic} has no form although all its operands fit`);
}
