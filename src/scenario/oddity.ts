import { type Document, isAlias, isCollection, isMap, isScalar, type Node, visit, type YAMLMap } from 'yaml';

const MOST_ALIASES = 50;
const MOST_ENTRIES = 128;
/** Maps and lists inside each other; what the schema describes needs far fewer. */
const DEEPEST_DATA = 16;

/** Something in a YAML document that no scenario needs, and the offset at which it stands. */
export interface Oddity {
  readonly offset: number;
  readonly reason: string;
}

export const offsetIn = (node: unknown, otherwise = 0): number =>
  (node as { range?: readonly number[] | null } | null)?.range?.[0] ?? otherwise;

/**
 * What a scenario has no use for and a careless reader could be hurt by: deep or long data, keys twice or that are no
 * text, many aliases, aliases to nothing or to what they stand in.
 */
export function findOddity(root: Node, document: Document): Oddity | null {
  let found: Oddity | null = null;
  let aliases = 0;
  visit(root, (_key, node, path) => {
    if (isCollection(node)) found = collectionOddity(node, path.length);
    if (isMap(node)) found ??= keyOddity(node);
    if (isAlias(node)) {
      const name = node.source.slice(0, 40);
      const offset = offsetIn(node);
      if (++aliases > MOST_ALIASES)
        found = { offset, reason: `The file uses more than ${MOST_ALIASES} aliases.` };
      else if (path.some((outer) => isCollection(outer) && outer.anchor === node.source))
        found = { offset, reason: `The alias *${name} stands inside what it repeats.` };
      else if (!node.resolve(document))
        found = { offset, reason: `Nothing before this place is called &${name}.` };
    }
    return found ? visit.BREAK : undefined;
  });
  return found;
}

function collectionOddity(node: { readonly items: readonly unknown[] }, depth: number): Oddity | null {
  const offset = offsetIn(node);
  if (depth > DEEPEST_DATA * 2)
    return { offset, reason: `The data is nested more than ${DEEPEST_DATA} levels deep.` };
  const { length } = node.items;
  if (length <= MOST_ENTRIES) return null;
  return {
    offset,
    reason: `Here are ${length} entries; no part of a scenario has more than ${MOST_ENTRIES}.`,
  };
}

function keyOddity(map: YAMLMap): Oddity | null {
  const seen = new Set<string>();
  for (const { key } of map.items) {
    const offset = offsetIn(key, offsetIn(map));
    if (!isScalar(key)) return { offset, reason: 'A key must be a text.' };
    const name = String(key.value);
    if (seen.has(name)) return { offset, reason: `“${name.slice(0, 40)}” stands here twice.` };
    seen.add(name);
  }
  return null;
}
