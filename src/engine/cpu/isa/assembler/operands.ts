import type { Gpr } from '../../../core/registers';
import type { Size } from '../instructions';
import { isForeignRegister, REGISTERS } from '../registerNames';
import { type Cursor, type Name, sum, terms } from './cursor';
import type { Written } from './written';

const SIZES: Readonly<Record<string, Size>> = { byte: 1, word: 2, dword: 4, qword: 8 };
/** The registers among the names of a bracket: one, of 64 bits. */
function baseOf(cursor: Cursor, names: readonly Name[]): Gpr | 'rip' | null {
  const [first, second] = names;
  const wrong = names.find(({ negative }) => negative) ?? second;
  if (wrong) cursor.fail(`In brackets one register can be added: ${wrong.text} is too much.`, wrong.column);
  if (!first) return null;
  const name = first.text.toLowerCase();
  if (name === 'rip') return 'rip';
  const register = REGISTERS.get(name);
  if (register?.kind === 'register' && register.size === 8) return register.register;
  cursor.fail(`Addresses have 64 bits: ${name} cannot be one.`, first.column);
  return null;
}

/** `[base + number]`, `[number]`, `[label + number]`, `[rel number]`; the bracket is open already. */
function memory(cursor: Cursor, size: Size | null, column: number): Written {
  const rel = cursor.takesWord('rel') !== null;
  const start = cursor.column;
  const { constant, names } = terms(cursor);
  if (!cursor.takes(']')) cursor.fail('Here a ] is missing.');
  const isRegister = ({ text }: Name): boolean =>
    REGISTERS.has(text.toLowerCase()) || text.toLowerCase() === 'rip';
  const base = baseOf(cursor, names.filter(isRegister));
  const labels = names.filter((name) => !isRegister(name));
  const wrong = labels.find(({ negative }, index) => negative || index > 0);
  if (wrong) cursor.fail(`In brackets one label can be added: ${wrong.text} is too much.`, wrong.column);
  const label = labels[0]?.text ?? null;
  const relative = rel || label !== null;
  if (relative && base !== null)
    cursor.fail('A label in brackets goes without a register: mov its address into one first.', start);
  return { kind: 'memory', size, base, relative, sum: { constant, label, column: start }, column };
}

/** One operand. Names that are no register are labels; whether those exist is asked later. */
export function writtenOperand(cursor: Cursor): Written {
  const { column } = cursor;
  const sizeWord = cursor.takesWord('byte', 'word', 'dword', 'qword');
  if (sizeWord) cursor.takesWord('ptr');
  if (cursor.takes('[')) return memory(cursor, (sizeWord && SIZES[sizeWord]) ?? null, column);
  if (sizeWord) cursor.fail(`After ${sizeWord} a memory operand in brackets is expected.`);
  const token = cursor.peek();
  const name = token?.kind === 'word' ? token.text.toLowerCase() : '';
  const operand = REGISTERS.get(name);
  if (operand && (operand.kind === 'register' || operand.kind === 'xmm' || operand.kind === 'debug')) {
    cursor.next();
    return { kind: 'register', operand, name, column };
  }
  if (isForeignRegister(name)) cursor.fail(`This machine’s instructions know no register ${name}.`);
  return { kind: 'value', sum: sum(cursor), column };
}
