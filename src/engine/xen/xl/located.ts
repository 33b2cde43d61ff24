/** Something said about a place in a configuration. Lines and columns count from 1, columns in characters. */
export interface Located {
  readonly message: string;
  readonly line: number;
  readonly column: number;
}

/** A statement about one key, placed at its value. */
export interface AboutKey extends Located {
  readonly key: string;
}

/** Turns an offset into line and column. */
export type Locate = (offset: number) => { readonly line: number; readonly column: number };

/** Prepares a text for many questions: each takes a logarithm of its length, whatever its lines look like. */
export function locatorOf(text: string): Locate {
  const lineEnds = positionsOf(text, /\n/g);
  const pairs = positionsOf(text, /[\uDC00-\uDFFF]/g);
  return (offset) => {
    const line = countBelow(lineEnds, offset);
    const start = line === 0 ? 0 : lineEnds[line - 1]! + 1;
    const doubled = countBelow(pairs, offset) - countBelow(pairs, start);
    return { line: line + 1, column: offset - start - doubled + 1 };
  };
}

const positionsOf = (text: string, pattern: RegExp): number[] =>
  Array.from(text.matchAll(pattern), ({ index }) => index);

/** How many of the ascending numbers are below `bound`. */
function countBelow(numbers: readonly number[], bound: number): number {
  let [low, high] = [0, numbers.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (numbers[middle]! < bound) low = middle + 1;
    else high = middle;
  }
  return low;
}
