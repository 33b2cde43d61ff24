/** A word of a console line, and where it stands. */
export interface Word {
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

export type Lexed =
  | { readonly ok: true; readonly words: readonly Word[] }
  | { readonly ok: false; readonly at: number; readonly message: string };

/** Longest line that is read. */
const LONGEST_LINE = 10_000;

/** Splits a line into words at blanks; double quotes hold a word together, `\"` and `\\` stand for themselves in them. */
export function lex(line: string): Lexed {
  if (line.length > LONGEST_LINE)
    return { ok: false, at: LONGEST_LINE, message: `a line has at most ${LONGEST_LINE} characters` };
  const words: Word[] = [];
  let i = 0;
  while (i < line.length) {
    if (/\s/.test(line[i] ?? '')) {
      i++;
      continue;
    }
    const start = i;
    let text = '';
    let quoted = -1;
    for (; i < line.length && (quoted >= 0 || !/\s/.test(line[i] ?? '')); i++) {
      const sign = line[i] ?? '';
      if (sign === '"') quoted = quoted >= 0 ? -1 : i;
      else if (sign === '\\' && quoted >= 0 && i + 1 < line.length) text += line[++i];
      else text += sign;
    }
    if (quoted >= 0) return { ok: false, at: quoted, message: 'this quotation mark is never closed' };
    words.push({ text, start, end: i });
  }
  return { ok: true, words };
}
