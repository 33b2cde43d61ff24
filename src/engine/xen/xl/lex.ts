/** A token's kind, by the name that xl's messages give it (libxlu_cfg_y.y). */
export type TokenKind =
  | '$end'
  | 'IDENT'
  | 'STRING'
  | 'NUMBER'
  | 'NEWLINE'
  | '+='
  | "'='"
  | "';'"
  | "'['"
  | "']'"
  | "','";

export interface Token {
  readonly kind: TokenKind;
  /** As it stands in the file. */
  readonly text: string;
  /** What it means: a string without quotes and escapes, otherwise the text. */
  readonly value: string;
  readonly offset: number;
}

/** Text that is no token. */
export interface LexicalError {
  readonly kind: 'lexical error';
  /** What xl says about it. */
  readonly error: string;
  /** The text that xl quotes beside it. */
  readonly near: string;
  readonly offset: number;
}

/** The rules of libxlu_cfg_l.l; their first characters differ, so no two can match at one place. */
const RULES: readonly (readonly [TokenKind, RegExp])[] = [
  ['IDENT', /[a-z][._0-9a-z]*/y],
  ['NUMBER', /[0-9][0-9a-fx]*/y],
  ["','", /,/y],
  ["'['", /\[/y],
  ["']'", /\]/y],
  ['+=', /\+=/y],
  ["'='", /=/y],
  ["';'", /;/y],
  ['NEWLINE', /\n|#[^\n]*\n/y],
  ['STRING', /'(?:[^'\\\n\0]|\\[^\n\0])*'|"(?:[^"\\\n\0]|\\[^\n\0])*"/y],
];

const BLANKS = /[ \t]*/y;
/** After a character that begins no token, xl skips and quotes the rest of the word, or one blank. */
const REST_OF_WORD = /[^ \t\n]*/y;

function matchAt(pattern: RegExp, text: string, offset: number): string | null {
  pattern.lastIndex = offset;
  return pattern.exec(text)?.[0] ?? null;
}

/**
 * The token at `offset`, or after the blanks there. Differs from xl in one place: flex drops a single stray character
 * that ends the file, here it is an error like any other.
 */
export function tokenAt(text: string, offset: number): Token | LexicalError {
  const start = offset + (matchAt(BLANKS, text, offset)?.length ?? 0);
  if (start >= text.length) return { kind: '$end', text: '', value: '', offset: start };
  for (const [kind, pattern] of RULES) {
    const matched = matchAt(pattern, text, start);
    if (matched === null) continue;
    if (kind !== 'STRING') return { kind, text: matched, value: matched, offset: start };
    const value = dequote(matched);
    if (typeof value === 'string') return { kind, text: matched, value, offset: start };
    return { kind: 'lexical error', error: value.error, near: matched, offset: start + value.at };
  }
  const near = String.fromCodePoint(text.codePointAt(start)!);
  const rest = matchAt(REST_OF_WORD, text, start + near.length) ?? '';
  return { kind: 'lexical error', error: 'lexical error', near: near + rest, offset: start };
}

const ESCAPES: Readonly<Record<string, string>> = {
  a: '\x07',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  '"': '"',
  "'": "'",
  '\\': '\\',
};

/**
 * A string's content, as libxlu_cfg.c reads it (`xlu__cfgl_dequote`), with its two defects: `\x` is always refused,
 * because it looks for digits behind a character that it skips; and `\0` … `\7` want at least two more digits and
 * then stand for nothing.
 */
function dequote(quoted: string): string | { error: string; at: number } {
  let value = '';
  for (let i = 1; i < quoted.length - 1; i++) {
    const c = quoted[i]!;
    if (c !== '\\') {
      value += c;
      continue;
    }
    const at = i++;
    const letter = quoted[i]!;
    const plain = ESCAPES[letter];
    if (plain !== undefined) value += plain;
    else if (letter === 'x') return { error: badNumeric('hex'), at };
    else if (/[0-7]/.test(letter)) {
      const digits = /^\d{2,3}/.exec(quoted.slice(i + 1, i + 4))?.[0];
      if (digits === undefined) return { error: badNumeric('octal'), at };
      i += digits.length;
    } else return { error: 'invalid character after backlash in quoted string', at };
  }
  return value;
}

const badNumeric = (base: string): string =>
  `invalid digit after backslash ${base}numerical character escape in quoted string`;
