import type { AssemblyView, ProgramView } from '../../../worker/protocol';

type DraftError = AssemblyView['errors'][number];

/** A line of the text as the editor shows it. */
export interface DraftLine {
  readonly line: number;
  /** From the first byte of the program, and its bytes in hexadecimal; null: the line becomes no bytes. */
  readonly code: { readonly offset: number; readonly bytes: string } | null;
  readonly errors: readonly DraftError[];
}

export interface Draft {
  readonly lines: readonly DraftLine[];
  readonly errors: readonly DraftError[];
}

function fetched({ lines }: ProgramView): AssemblyView['lines'] {
  const first = lines[0]?.address ?? 0;
  return lines
    .filter(({ bytes }) => bytes !== '')
    .map(({ line, address, bytes }) => ({ line, offset: address - first, bytes }));
}

/**
 * The lines of a text with what they become. @param assembly null: not known yet. @param loaded a guest’s program with this
 * very text, whose bytes are then those that the guest fetches now.
 */
export function draftOf(text: string, assembly: AssemblyView | null, loaded: ProgramView | null): Draft {
  const errors = loaded ? [] : (assembly?.errors ?? []);
  const rows = loaded ? fetched(loaded) : (assembly?.lines ?? []);
  const code = new Map(rows.map(({ line, offset, bytes }) => [line, { offset, bytes }]));
  const lines = text.split('\n').map((_, index): DraftLine => {
    const line = index + 1;
    return { line, code: code.get(line) ?? null, errors: errors.filter((error) => error.line === line) };
  });
  return { lines, errors };
}
