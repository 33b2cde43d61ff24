import { ALIASES, isMnemonic, MNEMONICS, type Mnemonic, type Size, TABLE } from '../instructions';
import { isForeignRegister, REGISTERS } from '../registerNames';
import { Cursor, sum } from './cursor';
import { writtenOperand } from './operands';
import { didYouMean } from './suggest';
import { type Problem, tokens, widthOf } from './tokens';
import type { Label, Statement, Sum, WrittenData, WrittenInstruction } from './written';

export interface AssemblyError extends Problem {
  /** From 1. */
  readonly line: number;
}

export interface Parsed {
  readonly statements: readonly Statement[];
  readonly labels: readonly Label[];
  readonly errors: readonly AssemblyError[];
}

const MAX_LINES = 512;
const MAX_COLUMNS = 200;
const DATA: Readonly<Record<string, Size>> = { db: 1, dw: 2, dd: 4, dq: 8 };
const LABEL = /^[a-z_.][\w.]*$/i;

const mnemonicOf = (word: string): Mnemonic | null =>
  isMnemonic(word) ? word : Object.hasOwn(ALIASES, word) ? (ALIASES[word] ?? null) : null;
const NAMES = [...MNEMONICS, ...Object.keys(ALIASES), ...Object.keys(DATA), 'ascii', 'rep'];

/** What follows `db` and its sisters: numbers, labels and, as bytes, texts. */
function data(cursor: Cursor, unit: Size, textOnly: boolean): WrittenData {
  const values: (string | Sum)[] = [];
  do {
    const token = cursor.peek();
    if (token?.kind === 'text' && unit === 1) values.push(cursor.next()?.text ?? '');
    else if (textOnly) cursor.fail('ascii takes a text in quotes.');
    else values.push(sum(cursor));
  } while (cursor.takes(','));
  return { kind: 'data', unit, values };
}

function instruction(cursor: Cursor, word: string, column: number): WrittenInstruction | null {
  const rep = word === 'rep';
  const after = rep ? cursor.next() : null;
  const name = after?.kind === 'word' ? after.text.toLowerCase() : rep ? '' : word;
  const mnemonic = mnemonicOf(name);
  if (!mnemonic) {
    const near = didYouMean(name, NAMES);
    cursor.fail(
      name ? `There is no instruction called ${name}.${near}` : 'After rep an instruction is missing.',
      after?.column ?? column,
    );
    return null;
  }
  if (rep && !TABLE[mnemonic].repeats) {
    const repeated = MNEMONICS.filter((one) => TABLE[one].repeats);
    cursor.fail(`rep goes before ${repeated.join(', ')} only.`, column);
  }
  const reach = cursor.takesWord('short', 'near');
  const operands = cursor.peek() ? [writtenOperand(cursor)] : [];
  while (cursor.takes(',')) operands.push(writtenOperand(cursor));
  return {
    kind: 'instruction',
    mnemonic,
    rep,
    reach: reach && (reach === 'short' ? 1 : 4),
    operands,
  };
}

/** Why a word cannot be a label; null when it can. */
function badLabel(word: string, known: readonly Label[]): string | null {
  const lower = word.toLowerCase();
  if (!LABEL.test(word)) return `${word} cannot be a label: letters, digits, _ and . make one.`;
  if (REGISTERS.has(lower) || isForeignRegister(lower)) return `${word} is a register and cannot be a label.`;
  if (NAMES.includes(lower)) return `${word} is an instruction and cannot be a label.`;
  const first = known.find(({ name }) => name === word);
  return first ? `There is a label ${word} already, on line ${first.line}.` : null;
}

/** Reads one line; what it finds goes to the end of `statements` and `labels`. */
function readLine(text: string, line: number, statements: Statement[], labels: Label[]): Problem | null {
  if (text.length > MAX_COLUMNS)
    return { column: MAX_COLUMNS + 1, message: `A line has at most ${MAX_COLUMNS} characters.` };
  const list = tokens(text);
  if ('message' in list) return list;
  const last = list.at(-1);
  const end = last ? last.column - 1 + widthOf(last) : 0;
  const cursor = new Cursor(list, end + 1);
  for (let after = cursor.peek(1); after?.kind === 'sign' && after.text === ':'; after = cursor.peek(1)) {
    const label = cursor.next();
    if (!label) break;
    const bad = badLabel(label.text, labels);
    if (bad) return { column: label.column, message: bad };
    labels.push({ name: label.text, line, column: label.column, statement: statements.length });
    cursor.next();
  }
  const head = cursor.next();
  if (!head) return null;
  const { column } = head;
  if (head.kind !== 'word') return { column, message: 'A line begins with an instruction or a label.' };
  const word = head.text.toLowerCase();
  const unit = Object.hasOwn(DATA, word) ? DATA[word] : undefined;
  const read =
    unit || word === 'ascii' ? data(cursor, unit ?? 1, word === 'ascii') : instruction(cursor, word, column);
  const rest = cursor.peek();
  if (rest) cursor.fail(`${rest.text} is too much here: a comma is missing, or the line ends before it.`);
  if (cursor.problem) return cursor.problem;
  if (read) statements.push({ ...read, line, column, text: text.slice(column - 1, end) });
  return null;
}

/** Reads a program without laying it out. At most 512 lines of 200 characters; every line has at most one error. */
export function parse(text: string): Parsed {
  const statements: Statement[] = [];
  const labels: Label[] = [];
  const errors: AssemblyError[] = [];
  const lines = text.slice(0, (MAX_LINES + 1) * (MAX_COLUMNS + 3)).split(/\r?\n/);
  for (const [index, line] of lines.slice(0, MAX_LINES).entries()) {
    const problem = readLine(line, index + 1, statements, labels);
    if (problem) errors.push({ ...problem, line: index + 1 });
  }
  const extra = lines.slice(MAX_LINES);
  if (extra.length > 1 || extra[0])
    errors.push({ line: MAX_LINES + 1, column: 1, message: `A program has at most ${MAX_LINES} lines.` });
  return { statements, labels, errors };
}
