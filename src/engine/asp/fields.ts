import { type Outcome, ok, type Rule, refuse } from '../core/fault';
import { type CommandName, LAYOUTS, type Values } from './layouts';

const FIELD_SYNTAX: Rule = {
  id: 'asp.command-fields',
  says: 'A command’s fields are written NAME=number, decimal or 0x…, with spaces or commas between.',
  source: 'this simulator',
  standing: 'modelled',
};

const WORD = /[^\s,]+/g;
const NUMBER = /^(?:0x[0-9a-f_]+|[0-9_]+)$/i;

/** Reads `HANDLE=1 PADDR=0x10000`; refused with the column where it goes wrong. */
export function readFields(command: CommandName, text: string): Outcome<Values> {
  const values: Values = {};
  for (const found of text.matchAll(WORD)) {
    const problem = readOne(command, found[0], values);
    if (!problem) continue;
    const names = LAYOUTS[command].map(({ name }) => name).filter((name) => !name.startsWith('reserved'));
    return refuse(
      FIELD_SYNTAX,
      'refused',
      `Column ${found.index + 1}: ${problem}`,
      { command, column: found.index + 1 },
      names.length > 0 ? `Fields of ${command}: ${names.join(', ')}.` : `${command} has no fields.`,
    );
  }
  return ok(values);
}

/** Puts one field into `values`; answers with what is wrong, or null. */
function readOne(command: CommandName, word: string, values: Values): string | null {
  const [name = '', number, ...rest] = word.split('=');
  const field = LAYOUTS[command].find((each) => each.name === name.toUpperCase() || each.name === name);
  if (number === undefined || rest.length > 0) return `"${word}" is not of the form NAME=number.`;
  if (!field) return `${command} has no field ${name}.`;
  if (values[field.name] !== undefined) return `${field.name} is there twice.`;
  const digits = number.replaceAll('_', '');
  if (!NUMBER.test(number) || digits === '' || digits.toLowerCase() === '0x')
    return `"${number}" is not a number.`;
  const value = BigInt(digits);
  if (value >> BigInt(8 * field.size) !== 0n) return `${field.name} has only ${8 * field.size} bits.`;
  values[field.name] = value;
  return null;
}
