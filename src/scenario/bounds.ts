/** What is wrong with a text before anybody reads it as YAML. Lines and columns count from 1. */
export interface OutOfBounds {
  readonly line: number;
  readonly column: number;
  readonly reason: string;
}

const MOST_BYTES = 256 * 1024;
/** Brackets and indentation deeper than this are refused before a parser sees them. */
const DEEPEST = 100;
/** Brackets that open; a parser goes on behind each mistake, so that many of them take it seconds. */
const MOST_BRACKETS = 8192;

/** The first reason why a text is no scenario that a parser should see: it is too long, nested too deep, or all brackets. */
export function outOfBounds(text: string): OutOfBounds | null {
  const bytes = new TextEncoder().encode(text).length;
  if (bytes > MOST_BYTES) {
    const reason = `The file has ${bytes} bytes; a scenario has at most ${MOST_BYTES}.`;
    return { line: 1, column: 1, reason };
  }
  return tooNested(text);
}

/** The first place where brackets or indentation go too deep: a recursive parser must not see it. */
function tooNested(text: string): OutOfBounds | null {
  const reason = `The file is nested more than ${DEEPEST} levels deep.`;
  let [depth, opened, line, column] = [0, 0, 1, 0];
  for (const c of text) {
    column++;
    if (c === '\n') [line, column] = [line + 1, 0];
    else if (c === '[' || c === '{') [depth, opened] = [depth + 1, opened + 1];
    else if (c === ']' || c === '}') depth = Math.max(0, depth - 1);
    if (depth > DEEPEST) return { line, column, reason };
    if (opened > MOST_BRACKETS)
      return { line, column, reason: `The file has more than ${MOST_BRACKETS} brackets.` };
  }
  const dashes = /^ *(?:[-?] +){40}/m.exec(text);
  const indent = new RegExp(`^ {${DEEPEST * 4}}`, 'm').exec(text);
  const at = dashes?.index ?? indent?.index;
  return at === undefined ? null : { line: text.slice(0, at).split('\n').length, column: 1, reason };
}
