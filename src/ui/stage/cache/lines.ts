import { PAGE_SIZE } from '../../../engine/core/address';
import type { CacheLineView } from '../../../worker/protocol';

/** A cached line, and under which other keys the same address is cached too. */
export interface MarkedLine {
  readonly line: CacheLineView;
  readonly id: string;
  readonly otherViews: readonly CacheLineView[];
}

const lineId = ({ complex, address, key }: CacheLineView): string => `${complex}/${address}/${key}`;

/** Lines by address, the newest of an address first, each with the other views of its address; only those of `page` if given. */
export function markedLines(lines: readonly CacheLineView[], page: number | null): MarkedLine[] {
  const byAddress = new Map<number, CacheLineView[]>();
  for (const line of lines) byAddress.set(line.address, [...(byAddress.get(line.address) ?? []), line]);
  return lines
    .filter(({ address }) => page === null || Math.floor(address / PAGE_SIZE) === page)
    .toSorted((a, b) => a.address - b.address || b.born - a.born)
    .map((line) => ({
      line,
      id: lineId(line),
      otherViews: (byAddress.get(line.address) ?? []).filter(({ key }) => key !== line.key),
    }));
}
