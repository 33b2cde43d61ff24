/** A place on a line with what is wrong there. `column` counts from 1. */
export interface Problem {
  readonly column: number;
  readonly message: string;
}

export type Token =
  | { readonly kind: 'word'; readonly text: string; readonly column: number }
  | { readonly kind: 'number'; readonly text: string; readonly column: number; readonly value: bigint }
  /** A text in quotes, without them. */
  | { readonly kind: 'text'; readonly text: string; readonly column: number }
  | { readonly kind: 'sign'; readonly text: string; readonly column: number };

const BLANK = /[ \t]+|[;#].*/y;
const WORD = /[a-z_.$][\w.$]*/iy;
const NUMBER = /\d\w*/y;
const TEXT = /'[^']*'|"[^"]*"/y;
const SIGN = /[[\],:+-]/y;
const DIGITS = /^(0x[0-9a-f]+|\d+)$/i;
const LARGEST = 2n ** 64n;

const match = (pattern: RegExp, line: string, at: number): string | null => {
  pattern.lastIndex = at;
  return pattern.exec(line)?.[0] ?? null;
};

function number(text: string, column: number): Token | Problem {
  if (!DIGITS.test(text))
    return { column, message: `${text} is no number: write 16 or 0x10, and let names begin with a letter.` };
  const value = BigInt(text);
  if (value >= LARGEST) return { column, message: `${text} does not fit into 64 bits.` };
  return { kind: 'number', text, column, value };
}

function quoted(raw: string, column: number): Token | Problem {
  const strange = raw.search(/[^ -~]/);
  if (strange >= 0)
    return { column: column + strange, message: 'A text has printable ASCII characters only.' };
  return { kind: 'text', text: raw.slice(1, -1), column };
}

function tokenAt(line: string, at: number): Token | Problem {
  const column = at + 1;
  const word = match(WORD, line, at);
  if (word) return { kind: 'word', text: word, column };
  const digits = match(NUMBER, line, at);
  if (digits) return number(digits, column);
  const text = match(TEXT, line, at);
  if (text) return quoted(text, column);
  const sign = match(SIGN, line, at);
  if (sign) return { kind: 'sign', text: sign, column };
  const character = String.fromCodePoint(line.codePointAt(at) ?? 0);
  const open = character === "'" || character === '"';
  return {
    column,
    message: open ? 'This text has no closing quote.' : `The character ${character} has no meaning here.`,
  };
}

/** The width of a token on its line. */
export const widthOf = (token: Token): number => token.text.length + (token.kind === 'text' ? 2 : 0);

/** The tokens of a line without its comment, or the first thing that is none. */
export function tokens(line: string): readonly Token[] | Problem {
  const found: Token[] = [];
  let at = 0;
  while (at < line.length) {
    const blank = match(BLANK, line, at);
    if (blank) {
      at += blank.length;
      continue;
    }
    const token = tokenAt(line, at);
    if ('message' in token) return token;
    found.push(token);
    at += widthOf(token);
  }
  return found;
}
