import type { Problem, Token } from './tokens';
import type { Sum } from './written';

/** Walks over the tokens of a line. The first complaint stays; after it there are no more tokens. */
export class Cursor {
  problem: Problem | null = null;
  private readonly list: readonly Token[];
  private readonly end: number;
  private at = 0;

  /** `end`: the column after the line, where something may be missing. */
  constructor(list: readonly Token[], end: number) {
    this.list = list;
    this.end = end;
  }

  peek(ahead = 0): Token | null {
    return this.problem ? null : (this.list[this.at + ahead] ?? null);
  }

  next(): Token | null {
    const token = this.peek();
    if (token) this.at++;
    return token;
  }

  /** The column of the next token. */
  get column(): number {
    return this.list[this.at]?.column ?? this.end;
  }

  fail(message: string, column = this.column): void {
    this.problem ??= { column, message };
  }

  /** Takes the next token if it is this sign. */
  takes(sign: string): boolean {
    const token = this.peek();
    const found = token?.kind === 'sign' && token.text === sign;
    if (found) this.at++;
    return found;
  }

  /** Takes the next token if it is one of these words, in either case. */
  takesWord<T extends string>(...words: readonly T[]): T | null {
    const token = this.peek();
    const word = token?.kind === 'word' ? words.find((one) => one === token.text.toLowerCase()) : undefined;
    if (word) this.at++;
    return word ?? null;
  }
}

/** A label or a register in a sum. */
export interface Name {
  readonly text: string;
  readonly negative: boolean;
  readonly column: number;
}

/** Numbers and names with `+` and `-` between them: the sum of the numbers, and the names. */
export function terms(cursor: Cursor): { readonly constant: bigint; readonly names: readonly Name[] } {
  let constant = 0n;
  const names: Name[] = [];
  let negative = cursor.takes('-');
  for (;;) {
    const { column } = cursor;
    const token = cursor.next();
    const value =
      token?.kind === 'number'
        ? token.value
        : token?.kind === 'text' && token.text.length === 1
          ? BigInt(token.text.charCodeAt(0))
          : null;
    if (value !== null) constant += negative ? -value : value;
    else if (token?.kind === 'word') names.push({ text: token.text, negative, column });
    else cursor.fail('Here a number or a name is expected.', column);
    negative = cursor.takes('-');
    if (cursor.problem || (!negative && !cursor.takes('+'))) return { constant, names };
  }
}

/** A number, a label, or a label and a number. */
export function sum(cursor: Cursor): Sum {
  const { column } = cursor;
  const { constant, names } = terms(cursor);
  const wrong = names.find(({ negative }, index) => negative || index > 0);
  if (wrong)
    cursor.fail(`One label can be added, and none taken away: ${wrong.text} is too much.`, wrong.column);
  return { constant, label: names[0]?.text ?? null, column };
}
