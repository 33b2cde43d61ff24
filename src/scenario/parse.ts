import { isCollection, isPair, LineCounter, type Node, parseDocument } from 'yaml';
import { outOfBounds } from './bounds';
import { firstProblem } from './issues';
import { findOddity, offsetIn } from './oddity';
import { type Scenario, scenarioSchema } from './schema';

/** Why a scenario file was refused, and where. Lines and columns count from 1. */
export interface ScenarioRefusal {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly reason: string;
}

export type Parsed =
  | { readonly ok: true; readonly scenario: Scenario }
  | { readonly ok: false; readonly refusal: ScenarioRefusal };

/** Reads a scenario file. Never throws, whatever the text. */
export function parseScenario(text: string, file: string): Parsed {
  const refuse = (line: number, column: number, reason: string): Parsed => ({
    ok: false,
    refusal: { file, line, column, reason },
  });
  const out = outOfBounds(text);
  if (out) return refuse(out.line, out.column, out.reason);
  try {
    return read(text, refuse);
  } catch (error) {
    return refuse(1, 1, `The file cannot be read as YAML: ${sentence(error)}`);
  }
}

type Refuse = (line: number, column: number, reason: string) => Parsed;

function read(text: string, refuse: Refuse): Parsed {
  const counter = new LineCounter();
  const document = parseDocument(text, {
    lineCounter: counter,
    uniqueKeys: false,
    strict: true,
    prettyErrors: false,
    version: '1.2',
  });
  const at = (offset: number, reason: string): Parsed => {
    const { line, col } = counter.linePos(offset);
    return refuse(Math.max(line, 1), Math.max(col, 1), reason);
  };
  const [error] = document.errors;
  if (error) return at(error.pos[0], `This is not YAML: ${sentence(error)}`);
  const { contents } = document;
  if (contents === null) return refuse(1, 1, 'The file is empty.');
  const odd = findOddity(contents, document);
  if (odd) return at(odd.offset, odd.reason);
  const data: unknown = document.toJS({ maxAliasCount: 100 });
  const checked = scenarioSchema.safeParse(data, { reportInput: true });
  if (checked.success) return { ok: true, scenario: checked.data };
  const { path, message } = firstProblem(checked.error);
  return at(offsetOf(contents, path), message);
}

/** Where the value at a path begins; of a missing or unknown key, where its map or the key stands. */
function offsetOf(root: Node, path: readonly PropertyKey[]): number {
  let node: unknown = root;
  let offset = offsetIn(root);
  for (const part of path) {
    if (!isCollection(node)) break;
    const key = typeof part === 'symbol' ? '' : part;
    const item: unknown = node.items.find((each, i) =>
      isPair(each)
        ? String((each.key as { value?: unknown } | null)?.value ?? each.key) === String(key)
        : i === key,
    );
    if (item === undefined) break;
    const isLast = part === path.at(-1);
    node = isPair(item) ? item.value : item;
    offset = isPair(item) && (isLast || node === null) ? offsetIn(item.key, offset) : offsetIn(node, offset);
  }
  return offset;
}

const sentence = (error: unknown): string => {
  const text = (error instanceof Error ? error.message : String(error)).split('\n')[0] ?? '';
  const short = text.length > 160 ? `${text.slice(0, 159)}…` : text;
  return /[.!?…]$/.test(short) ? short : `${short}.`;
};
