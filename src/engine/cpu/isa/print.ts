import type { Instruction, Operand } from './instructions';
import { decimalOrHex } from './numbers';
import { registerName } from './registerNames';

type Memory = Extract<Operand, { kind: 'memory' }>;
type Immediate = Extract<Operand, { kind: 'immediate' }>;

const SIZE_WORDS = { 1: 'byte', 2: 'word', 4: 'dword', 8: 'qword' } as const;
/** Instructions whose other operand does not tell the size of the one in memory. */
const UNTOLD: ReadonlySet<string> = new Set(['movzx', 'shl', 'shr', 'sar', 'in', 'out']);

/** Numbers a little below zero with their sign, all others without: masks stay readable. */
function immediate({ value, size }: Immediate): string {
  const signed = BigInt.asIntN(8 * size, value);
  return decimalOrHex(size > 1 && signed < 0n && signed >= -0x1000n ? signed : value);
}

function address({ base, displacement }: Memory, end: bigint | null): string {
  if (base === null) return decimalOrHex(BigInt.asUintN(64, displacement));
  if (base === 'rip' && end !== null) return `rel ${decimalOrHex(BigInt.asUintN(64, end + displacement))}`;
  if (displacement === 0n) return base;
  return `${base}${displacement < 0n ? '' : '+'}${decimalOrHex(displacement)}`;
}

function memory(operand: Memory, { mnemonic, operands }: Instruction, end: bigint | null): string {
  const told =
    mnemonic === 'lea' ||
    (!UNTOLD.has(mnemonic) && operands.some((one) => one.kind === 'register' && one.size === operand.size));
  return `${told ? '' : `${SIZE_WORDS[operand.size]} `}[${address(operand, end)}]`;
}

/** A jump as its target; `near` where the assembler would take the short form. */
function relative(offset: number, { mnemonic, length }: Instruction, end: bigint | null): string {
  const short = offset + length - 2;
  const near = mnemonic.startsWith('j') && length > 2 && short >= -128 && short <= 127;
  const distance = offset + length;
  const target =
    end === null
      ? `$${distance < 0 ? '' : '+'}${decimalOrHex(BigInt(distance))}`
      : decimalOrHex(BigInt.asUintN(64, end + BigInt(offset)));
  return near ? `near ${target}` : target;
}

/**
 * An instruction as the assembler reads it. With the address `at` where it stands, jumps and `rip` are shown as the
 * addresses that they mean; without, as distances (`$` is the instruction itself).
 */
export function print(instruction: Instruction, at: bigint | null = null): string {
  const end = at === null ? null : at + BigInt(instruction.length);
  const operand = (one: Operand): string => {
    switch (one.kind) {
      case 'register':
        return registerName(one.register, one.size);
      case 'xmm':
      case 'debug':
        return one.register;
      case 'immediate':
        return immediate(one);
      case 'memory':
        return memory(one, instruction, end);
      case 'relative':
        return relative(one.offset, instruction, end);
    }
  };
  const { rep, mnemonic, operands } = instruction;
  const name = rep ? `rep ${mnemonic}` : mnemonic;
  return operands.length === 0 ? name : `${name} ${operands.map(operand).join(', ')}`;
}
