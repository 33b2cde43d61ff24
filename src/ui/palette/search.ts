/** How well a text answers a search: every typed word must occur; a word's beginning counts more than its middle. */
function score(text: string, query: string): number {
  const haystack = text.toLowerCase();
  let sum = 0;
  for (const word of query.toLowerCase().split(/\s+/).filter(Boolean)) {
    const at = haystack.indexOf(word);
    if (at < 0) return 0;
    const starts = at === 0 || !/[\p{L}\p{N}]/u.test(haystack[at - 1] ?? '');
    sum += (starts ? 3 : 1) + word.length / haystack.length;
  }
  return sum;
}

/** The items that answer, the best first; all of them, as they stand, while nothing is typed. */
export function search<T>(items: readonly T[], query: string, text: (item: T) => string): readonly T[] {
  if (query.trim() === '') return items;
  return items
    .map((item) => ({ item, value: score(text(item), query) }))
    .filter(({ value }) => value > 0)
    .sort((a, b) => b.value - a.value)
    .map(({ item }) => item);
}
