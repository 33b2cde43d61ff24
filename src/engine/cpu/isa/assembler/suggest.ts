/** How many letters have to be put in, left out, replaced or swapped with their neighbour to make `b` of `a`. */
function distance(a: string, b: string): number {
  let before: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const at = (list: number[], index: number): number => list[index] ?? 0;
      const replaced = at(last, j - 1) + (a[i - 1] === b[j - 1] ? 0 : 1);
      const swapped =
        i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1] ? at(before, j - 2) + 1 : replaced;
      row.push(Math.min(replaced, swapped, at(last, j) + 1, at(row, j - 1) + 1));
    }
    before = last;
    last = row;
  }
  return last[b.length] ?? 0;
}

/** ` Did you mean mov?` for the nearest of the names when one is close: one slip in a short word, two in a long one. */
export function didYouMean(word: string, names: Iterable<string>): string {
  const reach = word.length < 4 ? 1 : 2;
  let best: { readonly name: string; readonly slips: number } | null = null;
  for (const name of names) {
    if (Math.abs(name.length - word.length) > reach) continue;
    const slips = distance(word, name);
    if (slips <= reach && (!best || slips < best.slips)) best = { name, slips };
  }
  return best ? ` Did you mean ${best.name}?` : '';
}
