/** What may come next at a place in a JSON text (RFC 8259). */
type Expected = 'value' | 'value or ]' | 'name' | 'name or }' | 'colon' | 'comma or end';

const SCALAR = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/y;
const ESCAPE = /\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/y;
const SPACE = /[ \t\n\r]*/y;

/** Index after the match of a sticky pattern at `at`, or `at` itself when it does not match. */
function after(pattern: RegExp, text: string, at: number): number {
  pattern.lastIndex = at;
  return pattern.test(text) ? pattern.lastIndex : at;
}

/** Index after the string that opens at `at`, or the negative `~index` of the character that spoils it. */
function afterString(text: string, at: number): number {
  for (let i = at + 1; i < text.length; ) {
    const c = text[i] as string;
    if (c === '"') return i + 1;
    const next = c === '\\' ? after(ESCAPE, text, i) : c < ' ' ? i : i + 1;
    if (next === i) return ~i;
    i = next;
  }
  return ~text.length;
}

/**
 * Index of the first character that no valid JSON text could have in its place (the length, if the text ends too
 * early), or null when the text is valid. `JSON.parse` only sometimes says where it stopped.
 */
export function jsonErrorIndex(text: string): number | null {
  const open: string[] = [];
  let expected: Expected = 'value';
  let at = 0;
  for (;;) {
    at = after(SPACE, text, at);
    const c = text[at];
    if (c === undefined) return expected === 'comma or end' && open.length === 0 ? null : at;
    const wantsValue: boolean = expected === 'value' || expected === 'value or ]';
    const wantsName: boolean = expected === 'name' || expected === 'name or }';
    if (wantsValue && (c === '{' || c === '[')) {
      open.push(c);
      expected = c === '{' ? 'name or }' : 'value or ]';
      at++;
    } else if (c === '"' && (wantsValue || wantsName)) {
      at = afterString(text, at);
      if (at < 0) return ~at;
      expected = wantsName ? 'colon' : 'comma or end';
    } else if (c === ':' && expected === 'colon') {
      expected = 'value';
      at++;
    } else if (c === ',' && expected === 'comma or end' && open.length > 0) {
      expected = open.at(-1) === '{' ? 'name' : 'value';
      at++;
    } else if (closes(c, open.at(-1), expected)) {
      open.pop();
      expected = 'comma or end';
      at++;
    } else {
      const end = wantsValue ? after(SCALAR, text, at) : at;
      if (end === at) return at;
      expected = 'comma or end';
      at = end;
    }
  }
}

function closes(c: string, opened: string | undefined, expected: Expected): boolean {
  if (c === ']') return opened === '[' && (expected === 'comma or end' || expected === 'value or ]');
  return c === '}' && opened === '{' && (expected === 'comma or end' || expected === 'name or }');
}
