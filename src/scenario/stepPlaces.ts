import { isMap, isSeq, LineCounter, type Node, parseDocument } from 'yaml';
import { offsetIn } from './oddity';

/** A place in a file. Lines and columns count from 1. */
export interface AtLine {
  readonly line: number;
  readonly column: number;
}

/** Where a step is written, and each of its actions. */
export interface StepPlace extends AtLine {
  /** Its last line. */
  readonly end: number;
  readonly actions: readonly AtLine[];
}

/** Where the steps of a scenario stand in its text; it has been read before. */
export function stepPlaces(text: string): StepPlace[] {
  const counter = new LineCounter();
  const { contents } = parseDocument(text, { lineCounter: counter, strict: false, uniqueKeys: false });
  const at = (offset: number): AtLine => {
    const { line, col } = counter.linePos(offset);
    return { line: Math.max(line, 1), column: Math.max(col, 1) };
  };
  return listIn(contents, 'steps').map((step) => {
    const [begin = 0, , end = begin] = (step as Node).range ?? [];
    const written = text.slice(begin, end).trimEnd().length;
    return {
      ...at(begin),
      end: at(begin + written).line,
      actions: listIn(step, 'do').map((action) => at(offsetIn(action, begin))),
    };
  });
}

function listIn(map: unknown, key: string): unknown[] {
  const list = isMap(map) ? map.get(key, true) : null;
  return isSeq(list) ? list.items : [];
}
