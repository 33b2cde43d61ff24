import { z } from 'zod';
import { type CaseResult, type Compare, isRecord, runCase } from './result';

/** `0x…` or a decimal number, below 2^53. */
export const hexNumber = z
  .string()
  .regex(/^(?:0x[0-9a-f]{1,13}|\d{1,15})$/i, 'neither 0x… nor a number')
  .transform(Number);

/** A sentence or a name, of a sensible length. */
export const sentence = z.string().max(1000);

export const shown = (value: number | bigint): string => `0x${value.toString(16)}`;

/** A name without remarks, as letters and digits in lower case: a remark stands in parentheses or after a semicolon. */
export const plain = (name: string): string =>
  name
    .replace(/\([^)]*\)/g, '')
    .replace(/;.*$/, '')
    .toLowerCase()
    .replace(/[^a-z0-9]/g, '');

/** The entry of one of our tables that has this name. @throws Error when none has. */
export function entryNamed<T>(what: string, name: string, table: Readonly<Record<string, T>>): T {
  const found = Object.entries(table).find(([key]) => plain(key) === plain(name));
  if (!found) throw new Error(`${what} "${name}" is not known here`);
  return found[1];
}

/** Runs one case for each row of a table; a row is called by the table’s name, its place and its own name. */
export function runTable<T>(
  table: string,
  rows: unknown,
  schema: z.ZodType<T>,
  body: (row: T, compare: Compare) => void,
): CaseResult[] {
  if (!Array.isArray(rows)) return [];
  return rows.map((row: unknown, i) => {
    const name = isRecord(row) && typeof row.name === 'string' ? ` ${row.name.slice(0, 40)}` : '';
    return runCase(`${table}[${i}]${name}`, (compare) => body(schema.parse(row), compare));
  });
}
