import type { Timeline } from '../../worker/protocol';

export type Block = Timeline['blocks'][number];

/** The innermost block at a place, if there is one: what a pointer points at. */
export function blockAt(blocks: readonly Block[], lane: string, change: number, slack: number): Block | null {
  let found: Block | null = null;
  for (const block of blocks) {
    if (block.lane !== lane || change < block.start - slack || change > block.end + slack) continue;
    if (!found || block.depth > found.depth || block.end - block.start < found.end - found.start)
      found = block;
  }
  return found;
}

/** The blocks around a change in order of time, for the list that stands beside the picture. */
export function blocksAround(blocks: readonly Block[], change: number, count: number): readonly Block[] {
  const ordered = blocks.toSorted((a, b) => a.start - b.start || b.end - a.end);
  const after = ordered.findIndex((block) => block.start >= change);
  const middle = after < 0 ? ordered.length : after;
  const first = Math.max(0, Math.min(middle - Math.floor(count / 2), ordered.length - count));
  return ordered.slice(first, first + count);
}
