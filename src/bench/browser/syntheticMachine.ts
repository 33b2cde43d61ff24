import {
  OWNER_FIRMWARE,
  OWNER_GUEST,
  OWNER_HYPERVISOR,
  OWNER_RESERVED,
  packPage,
} from '../../engine/core/page';
import { PageMirror } from '../../store/pageMirror';
import type { MapRegion } from '../../ui/map/types';

export interface SyntheticMachine {
  readonly mirror: PageMirror;
  readonly pageCount: number;
  readonly regions: readonly MapRegion[];
  /** A patch that touches so many pages, somewhere. */
  change(pages: number): Uint32Array;
}

/** The same numbers every time. */
function dice(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

const SHARES: readonly (readonly [label: string, owner: number, share: number, used: number])[] = [
  ['Xen', OWNER_HYPERVISOR, 0.1, 0.97],
  ['Firmware', OWNER_FIRMWARE, 0.04, 0.6],
  ['Alice', OWNER_GUEST, 0.34, 0.9],
  ['', 0, 0.06, 0],
  ['Bob', OWNER_GUEST + 1, 0.26, 0.85],
  ['Carol', OWNER_GUEST + 2, 0.1, 0.7],
  ['Reserved', OWNER_RESERVED, 0.02, 1],
];

/** A machine with Xen, firmware and three guests; the first `touched` part of each region (0 … 1) is in use. */
export function syntheticMachine(pageCount: number, touched = 1): SyntheticMachine {
  const random = dice(42);
  const mirror = new PageMirror();
  const regions: MapRegion[] = [];
  const patch: number[] = [];
  let first = 0;
  const flush = (): void => {
    mirror.apply(Uint32Array.from(patch), false);
    patch.length = 0;
  };
  for (const [label, owner, share, used] of SHARES) {
    const count = Math.floor(pageCount * share);
    if (owner !== 0) regions.push({ first, count, label, owner });
    for (let pfn = first; pfn < first + count * touched; pfn++) {
      if (random() > used) continue;
      patch.push(pfn, wordFor(owner, random()));
      if (patch.length >= 2 ** 18) flush();
    }
    first += count;
  }
  flush();
  const change = (pages: number): Uint32Array => {
    const changes = new Uint32Array(pages * 2);
    for (let i = 0; i < pages; i++) {
      changes[2 * i] = Math.floor(random() * pageCount);
      changes[2 * i + 1] = wordFor(OWNER_GUEST + Math.floor(random() * 3), random());
    }
    return changes;
  };
  return { mirror, pageCount, regions, change };
}

function wordFor(owner: number, luck: number): number {
  const guest = owner >= OWNER_GUEST;
  return packPage({
    owner,
    key: luck < 0.45 ? 0 : guest ? owner - OWNER_GUEST + 3 : 1,
    writer: owner,
    shared: guest && luck > 0.92,
    structure: luck > 0.89 && luck < 0.91,
  });
}
