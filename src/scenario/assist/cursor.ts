import { type Document, isMap, isPair, isScalar, type Node, type Pair, parseDocument, visit } from 'yaml';
import { outOfBounds } from '../bounds';

/** One step down into the data: a key of a map, with what stands in that map, or a place in a list. */
export interface Level {
  readonly part: string | number;
  /** The map's keys and their plain values, without what is being written; null in a list. */
  readonly beside: ReadonlyMap<string, unknown> | null;
}

/** What is being written at an offset of a scenario's text. */
export interface Cursor {
  /** From the root to it; the last part is the key that is being written, or the value's own place. */
  readonly levels: readonly Level[];
  readonly role: 'key' | 'value';
  /** The word around the offset, and its place. */
  readonly word: string;
  readonly from: number;
  readonly to: number;
  /** The word is all of the key or value, so that another one may take its place. */
  readonly whole: boolean;
  /** Between brackets or braces, where lines mean nothing. */
  readonly flow: boolean;
  /** A colon follows already. */
  readonly colon: boolean;
}

/** Stands for the word while the text is read. */
const MARK = 'wordAtTheCursor';
const WORD = /[\w.-]/;
/** A file that people write is a tenth of this; help for more would keep them waiting at every key. */
const MOST_CHARACTERS = 64 * 1024;

/** Finds what is being written at an offset, also in a text that is no YAML yet. Null where nothing can be said. Never throws. */
export function cursorAt(text: string, offset: number): Cursor | null {
  if (offset < 0 || offset > text.length || text.length > MOST_CHARACTERS) return null;
  if (text.includes(MARK) || outOfBounds(text)) return null;
  const { from, to } = wordAround(text, offset);
  const line = text.slice(text.lastIndexOf('\n', from - 1) + 1, from);
  const rest = /^[^\n]*/.exec(text.slice(to))?.[0] ?? '';
  // A key that nobody has finished is no key yet for a parser: it gets its colon, which in a list of words does no harm.
  const unfinished = /^[\s-]*$/.test(line) && rest.trim() === '';
  const marked = `${text.slice(0, from)}${MARK}${unfinished ? ':' : ''}${text.slice(to)}`;
  try {
    const found = findMark(parseDocument(marked, { strict: false, uniqueKeys: false, prettyErrors: false }));
    return found && { ...found, word: text.slice(from, to), from, to, colon: /^["']?\s*:/.test(rest) };
  } catch {
    return null;
  }
}

function wordAround(text: string, offset: number): { from: number; to: number } {
  let [from, to] = [offset, offset];
  while (from > 0 && WORD.test(text.charAt(from - 1))) from--;
  while (to < text.length && WORD.test(text.charAt(to))) to++;
  // The dash of a list is no part of its first word.
  if (text.charAt(from) === '-' && /(^|\n)\s*$/.test(text.slice(Math.max(0, from - 200), from))) from++;
  return { from: Math.min(from, offset), to };
}

type Found = Pick<Cursor, 'levels' | 'role' | 'whole' | 'flow'>;

function findMark(document: Document): Found | null {
  let found: Found | null = null;
  visit(document, {
    Scalar: (key, node, path) => {
      if (typeof node.value !== 'string' || !node.value.includes(MARK)) return undefined;
      const around = path.filter((each) => isMap(each));
      found = {
        levels: levelsTo(path, key, node.value),
        role: key === 'key' ? 'key' : 'value',
        whole: node.value === MARK,
        flow: around.some((each) => each.flow === true) || isFlowList(path),
      };
      return visit.BREAK;
    },
  });
  return found;
}

const isFlowList = (path: readonly unknown[]): boolean =>
  path.some((each) => (each as { flow?: boolean } | null)?.flow === true);

function levelsTo(path: readonly unknown[], last: unknown, word: string): Level[] {
  const levels: Level[] = [];
  for (const [i, node] of path.entries()) {
    const next = path[i + 1];
    if (isMap(node) && isPair(next)) {
      const part = isScalar(next.key) ? String(next.key.value) : '';
      levels.push({ part: part === MARK ? word : part, beside: besideIn(node.items) });
    } else if ((node as { items?: unknown[] } | null)?.items && !isMap(node)) {
      const items = (node as { items: unknown[] }).items;
      levels.push({ part: next === undefined ? Number(last) : items.indexOf(next), beside: null });
    }
  }
  return levels;
}

function besideIn(items: readonly Pair[]): Map<string, unknown> {
  const beside = new Map<string, unknown>();
  for (const { key, value } of items) {
    const name = isScalar(key) ? String(key.value) : '';
    const plain = isScalar(value as Node) ? (value as { value: unknown }).value : undefined;
    if (!name.includes(MARK))
      beside.set(name, typeof plain === 'string' && plain.includes(MARK) ? undefined : plain);
  }
  return beside;
}
