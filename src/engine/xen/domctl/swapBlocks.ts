import { BLOCK_SIZE, PAGE_SIZE } from '../../core/address';
import type { DomainCell } from '../../core/cells';
import type { Rule } from '../../core/fault';
import { OWNER_HYPERVISOR } from '../../core/page';
import type { Platform } from '../../core/platform';
import { hostStructureKey } from '../../cpu/mode';
import { peekBytes } from '../../memory/cache';
import { cachedWrite } from '../../memory/fill';
import { frameAt } from '../frames';

const SWAPPED: Rule = {
  id: 'xen.swapped-blocks',
  says: 'LAUNCH_UPDATE_DATA takes as little as 16 bytes, from anywhere, and the launch digest has the bytes in the order of the calls, not their addresses.',
  source:
    'undeSErVed trust (Wilke, Wichelmann, Sieck, Eisenbarth, WOOT 2021; CVE-2021-26311); AMD-ASPFW sev_mcmd.c (launch_update_common)',
  standing: 'published',
};

/** The first core’s, on which Xen does this. */
const COMPLEX = 0;

/** Two blocks of one page by their SPAs, the lower one first. */
type Swapped = readonly [low: number, high: number];

/** What Xen exchanges in a guest’s page; null when it leaves the page as it is. */
function swappedIn(p: Platform, { frames }: DomainCell, gfn: number): Swapped | null {
  const { swap } = p.state.need('xen');
  const frame = frameAt(frames, gfn);
  if (!swap || frame === null || Math.floor(swap[0] / PAGE_SIZE) !== gfn) return null;
  const [low, high] = [Math.min(...swap), Math.max(...swap)];
  return [frame * PAGE_SIZE + (low % PAGE_SIZE), frame * PAGE_SIZE + (high % PAGE_SIZE)];
}

/** Exchanges two blocks while they lie there in the clear. */
export function swapBlocks(p: Platform, domain: DomainCell, gfn: number): void {
  const places = swappedIn(p, domain, gfn);
  if (!places) return;
  const [low, high] = places;
  const key = hostStructureKey(p);
  const [first, second] = places.map((at) => peekBytes(p, COMPLEX, at, BLOCK_SIZE, key));
  if (!first || !second) return;
  p.trace.fact('note', { what: 'blocks swapped', low, high }, SWAPPED);
  cachedWrite(p, COMPLEX, low, second, key, OWNER_HYPERVISOR);
  cachedWrite(p, COMPLEX, high, first, key, OWNER_HYPERVISOR);
}

type Stretch = readonly [spa: number, length: number];

/** How a stretch of a guest’s memory is handed over: as one, or in the order of the image wherever its blocks lie. */
export function piecesOf(
  p: Platform,
  domain: DomainCell,
  { spa, length, gfn }: { readonly spa: number; readonly length: number; readonly gfn: number },
): Stretch[] {
  for (let page = gfn; page < gfn + length / PAGE_SIZE; page++) {
    const places = swappedIn(p, domain, page);
    if (!places) continue;
    const [low, high] = places;
    const between = (from: number, to: number): Stretch => [from, to - from];
    const pieces = [
      between(spa, low),
      [high, BLOCK_SIZE],
      between(low + BLOCK_SIZE, high),
      [low, BLOCK_SIZE],
      between(high + BLOCK_SIZE, spa + length),
    ] as const;
    return pieces.filter(([, bytes]) => bytes > 0);
  }
  return [[spa, length]];
}
