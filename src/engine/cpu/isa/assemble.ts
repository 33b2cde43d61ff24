import { misfit, outOfRange, unsized } from './assembler/complaints';
import { type Layout, layOut, type Piece } from './assembler/layout';
import { formsFor, inRange } from './assembler/match';
import { type AssemblyError, type Parsed, parse } from './assembler/parse';
import { didYouMean } from './assembler/suggest';
import type { Problem } from './assembler/tokens';
import type { Statement, Sum } from './assembler/written';
import type { Form } from './form';
import { decimalOrHex } from './numbers';

/** A line that became bytes; `offset` and `length` in the code, `text` without label and comment. */
export interface AssembledLine {
  /** From 1. */
  readonly line: number;
  readonly offset: number;
  readonly length: number;
  readonly text: string;
}

interface Assembled {
  readonly ok: true;
  readonly code: Uint8Array;
  readonly lines: readonly AssembledLine[];
  readonly labels: readonly { readonly name: string; readonly address: bigint }[];
}

interface NotAssembled {
  readonly ok: false;
  /** In the order of the lines, at least one. */
  readonly errors: readonly AssemblyError[];
}

export const MAX_CODE = 4096;

function sumsOf(statement: Statement): readonly Sum[] {
  if (statement.kind === 'data') return statement.values.filter((value) => typeof value !== 'string');
  return statement.operands.flatMap((one) => (one.kind === 'register' ? [] : [one.sum]));
}

/** The first thing wrong with a statement that shows without addresses. */
function wrongShape(
  statement: Statement,
  forms: readonly Form[],
  names: ReadonlySet<string>,
): Problem | null {
  const unknown = sumsOf(statement).find(({ label }) => label !== null && label !== '$' && !names.has(label));
  if (unknown?.label) {
    const near = didYouMean(unknown.label, names);
    return { column: unknown.column, message: `There is no label called ${unknown.label}.${near}` };
  }
  if (statement.kind === 'data') return null;
  return forms.length === 0 ? misfit(statement, statement.column) : unsized(statement, forms);
}

/** The first thing wrong with a piece that shows when everything has its address. */
function wrongNumber({ statement, forms }: Piece, index: number, layout: Layout): Problem | null {
  const worth = layout.valueIn(index);
  if (statement.kind === 'instruction') {
    return layout.bytes[index] ? null : outOfRange(statement, forms, worth);
  }
  const wrong = sumsOf(statement).find((sum) => !inRange(worth(sum), statement.unit));
  if (!wrong) return null;
  const message = `${decimalOrHex(worth(wrong))} does not fit into ${8 * statement.unit} bits.`;
  return { column: wrong.column, message };
}

const located = ({ line }: Statement, problem: Problem | null): AssemblyError[] =>
  problem ? [{ ...problem, line }] : [];

/** The pieces of a program, and everything that is wrong before they have addresses. */
function prepare({ statements, labels, errors }: Parsed): { pieces: Piece[]; errors: AssemblyError[] } {
  const names = new Set(labels.map(({ name }) => name));
  const pieces = statements.map((statement) => ({
    statement,
    forms: statement.kind === 'instruction' ? formsFor(statement) : [],
  }));
  const shapes = pieces.flatMap(({ statement, forms }) =>
    located(statement, wrongShape(statement, forms, names)),
  );
  return { pieces, errors: [...errors, ...shapes].sort((a, b) => a.line - b.line) };
}

/** What is wrong with addresses and numbers, and with the length of everything. */
function wrongNumbers(pieces: readonly Piece[], layout: Layout): AssemblyError[] {
  const over = layout.offsets.findIndex((offset) => offset > MAX_CODE) - 1;
  const message = `A program has at most ${MAX_CODE} bytes; here it is ${layout.offsets[over + 1]}.`;
  return pieces.flatMap((piece, index) => {
    const { column } = piece.statement;
    const wrong = wrongNumber(piece, index, layout) ?? (index === over ? { column, message } : null);
    return located(piece.statement, wrong);
  });
}

/**
 * Machine code of a program in Intel syntax: an instruction, `db`, `dw`, `dd`, `dq` or `ascii` a line, labels with a colon
 * before it, comments after `;` or `#`. Always the shortest encoding. `origin` is the address at which the code will stand
 * and from which labels count. At most 512 lines of 200 characters and 4096 bytes; never throws.
 */
export function assemble(text: string, origin = 0n): Assembled | NotAssembled {
  const parsed = parse(text);
  const { pieces, errors } = prepare(parsed);
  if (errors.length > 0) return { ok: false, errors };
  const layout = layOut(
    pieces,
    new Map(parsed.labels.map(({ name, statement }) => [name, statement])),
    origin,
  );
  const wrong = wrongNumbers(pieces, layout);
  if (wrong.length > 0) return { ok: false, errors: wrong };
  return {
    ok: true,
    code: Uint8Array.from(layout.bytes.flatMap((bytes) => [...(bytes ?? [])])),
    lines: pieces.map(({ statement: { line, text: source } }, index) => ({
      line,
      offset: layout.offsets[index] ?? 0,
      length: layout.bytes[index]?.length ?? 0,
      text: source,
    })),
    labels: parsed.labels.map(({ name, statement }) => ({ name, address: layout.address(statement) })),
  };
}
