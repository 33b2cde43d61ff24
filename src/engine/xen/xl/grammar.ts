import { type LexicalError, type Token, tokenAt } from './lex';

export type Value =
  | { readonly kind: 'string'; readonly text: string; readonly offset: number }
  | { readonly kind: 'list'; readonly items: readonly Value[]; readonly offset: number };

/** What a key has at the end of the file: the last assignment, with everything that `+=` added to it. */
export interface Setting {
  readonly key: string;
  readonly value: Value;
  /** The last assignment was `+=`, which numbers do not take. */
  readonly added: boolean;
}

export interface GrammarError {
  /** The kind of error, in xl's words: `lexical error`, `syntax error`… */
  readonly error: string;
  /** The whole line that xl prints, without file and line. */
  readonly message: string;
  readonly offset: number;
}

export type Settings =
  | { readonly ok: true; readonly settings: ReadonlyMap<string, Setting> }
  | { readonly ok: false; readonly error: GrammarError };

type State = 'statement' | 'operator' | 'value' | 'item' | 'after item' | 'end of statement';

/** What bison says it expects, from the generated parser's own tables (libxlu_cfg_y.c: yypact, yydefact). */
const EXPECTING: Readonly<Record<State, string>> = {
  statement: "$end or IDENT or NEWLINE or ';'",
  operator: "+= or '='",
  value: "STRING or NUMBER or '['",
  item: "']'",
  'after item': "']'",
  'end of statement': '$end',
};

/**
 * Reads the statements of a configuration (libxlu_cfg_y.y): a pushdown automaton, so that no nesting is too deep. Ends
 * at the first error in the text; xl may go on and print more.
 */
export function readSettings(text: string): Settings {
  const reading = new Reading();
  for (let offset = 0, last: Token | null = null; ; ) {
    const token = tokenAt(text, offset);
    if (token.kind === 'lexical error') return { ok: false, error: lexical(token) };
    const error = reading.take(token);
    if (error) {
      const place = token.kind === '$end' && last ? Math.max(0, endOf(last)) : token.offset;
      return { ok: false, error: { ...error, offset: place } };
    }
    if (token.kind === '$end') return { ok: true, settings: reading.settings };
    offset = token.offset + token.text.length;
    last = token;
  }
}

/** Where the last token's line ends: xl knows no later place for “unexpected $end”. */
const endOf = (last: Token): number => last.offset + last.text.length - (last.kind === 'NEWLINE' ? 1 : 0);

class Reading {
  readonly settings = new Map<string, Setting>();
  private state: State = 'statement';
  private key = '';
  private added = false;
  private readonly lists: { items: Value[]; offset: number }[] = [];

  /** Goes on by one token. @returns what is wrong with it, or null. */
  take(token: Token): Omit<GrammarError, 'offset'> | null {
    const { kind, offset } = token;
    if (this.state === 'operator') {
      if (kind !== '+=' && kind !== "'='") return this.unexpected(token);
      this.added = kind === '+=';
      this.state = 'value';
      return null;
    }
    if (this.state === 'statement' && kind === 'IDENT') {
      this.key = token.value;
      this.state = 'operator';
      return null;
    }
    if (this.state === 'statement' || this.state === 'end of statement') {
      if (kind === 'NEWLINE' || kind === "';'") this.state = 'statement';
      return kind === 'NEWLINE' || kind === "';'" || kind === '$end' ? null : this.unexpected(token);
    }
    if (kind === 'NEWLINE' && this.state !== 'value') return null;
    const wantsValue = this.state !== 'after item';
    if (wantsValue && (kind === 'STRING' || kind === 'NUMBER')) {
      return this.complete({ kind: 'string', text: token.value, offset }, token);
    }
    if (wantsValue && kind === "'['") {
      this.lists.push({ items: [], offset });
      this.state = 'item';
      return null;
    }
    if (kind === "','" && this.state === 'after item') {
      this.state = 'item';
      return null;
    }
    const list = kind === "']'" ? this.lists.pop() : undefined;
    return list ? this.complete({ kind: 'list', ...list }, token) : this.unexpected(token);
  }

  private complete(value: Value, last: Token): Omit<GrammarError, 'offset'> | null {
    const list = this.lists.at(-1);
    if (list) {
      list.items.push(value);
      this.state = 'after item';
      return null;
    }
    this.state = 'end of statement';
    const before = this.added ? this.settings.get(this.key)?.value : undefined;
    const whole = before ? joined(before, value) : value;
    if (!whole) return said('can\'t add [list] to "string" or vice versa', last.text);
    this.settings.set(this.key, { key: this.key, value: whole, added: this.added });
    return null;
  }

  private unexpected({ kind, text }: Token): Omit<GrammarError, 'offset'> {
    const detail = `syntax error, unexpected ${kind}, expecting ${EXPECTING[this.state]}`;
    return { ...said(detail, text), error: 'syntax error' };
  }
}

/** `before += added`, or null when one is a list and the other is not. */
function joined(before: Value, added: Value): Value | null {
  if (before.kind === 'string' && added.kind === 'string') {
    return { ...added, text: before.text + added.text };
  }
  if (before.kind === 'list' && added.kind === 'list') {
    return { ...added, items: [...before.items, ...added.items] };
  }
  return null;
}

const lexical = ({ error, near, offset }: LexicalError): GrammarError => ({ ...said(error, near), offset });

const MOST_QUOTED = 80;

/** The line that `xlu__cfg_yyerror` prints, of the text where it stopped. */
function said(error: string, near: string): { error: string; message: string } {
  const quoted = near.replace(/\n$/, '').replace(/[ \t]+$/, '');
  const short = quoted.length > MOST_QUOTED ? `${quoted.slice(0, MOST_QUOTED)}…` : quoted;
  const place = quoted ? `\`${short}'` : near === '\n' ? '<newline>' : '';
  return { error, message: `config parsing error near ${place}: ${error}` };
}
