import { LARGE_PAGE_SIZE, PAGE_SIZE } from '../../../engine/core/address';
import type { Platform } from '../../../engine/core/platform';
import { ENTRY_BYTES, type RmpEntry, unpackEntry } from '../../../engine/rmp/entry';
import { pageState } from '../../../engine/rmp/pageState';
import { permissionsOf } from '../../../engine/rmp/permissions';
import { loadTable } from '../../../engine/rmp/store';
import { entryPlace, snpEnabled } from '../../../engine/rmp/table';
import { PAGE_STATES, type PageState } from '../../../engine/rmp/types';
import { FIRMWARE_OWNS, GUEST_OWNS, type RmpAspect, type RmpPageRun } from '../../rmpProtocol';

const PAGES = LARGE_PAGE_SIZE / PAGE_SIZE;
const REGION_BYTES = PAGES * ENTRY_BYTES;
const DEFAULT = PAGE_STATES.indexOf('Default');
const HYPERVISOR = PAGE_STATES.indexOf('Hypervisor');

/** Most runs of pages that are told at a time. */
const MOST_RUNS = 256;

/** How a page is told by one aspect of its entry, and what is told of no page because most are so. */
interface Telling {
  readonly of: (entry: RmpEntry) => number;
  readonly usual: number;
  /** Of pages without an entry. */
  readonly uncovered: number;
}

const isGuests = ({ assigned, asid }: RmpEntry): boolean => assigned && asid !== 0;

/** One more than the least privileged VMPL that may do anything; VMPL0 may always. */
function reachedBy(entry: RmpEntry): number {
  for (let vmpl = 3; vmpl > 0; vmpl--) if (permissionsOf(entry, vmpl) !== 0) return vmpl + 1;
  return 1;
}

const TELLING: Readonly<Record<RmpAspect, Telling>> = {
  state: { of: (entry) => PAGE_STATES.indexOf(pageState(entry)), usual: HYPERVISOR, uncovered: DEFAULT },
  owner: {
    of: (entry) => (isGuests(entry) ? GUEST_OWNS + entry.asid : entry.assigned ? FIRMWARE_OWNS : 0),
    usual: 0,
    uncovered: 0,
  },
  vmpl: { of: (entry) => (isGuests(entry) ? reachedBy(entry) : 0), usual: 0, uncovered: 0 },
  validated: {
    of: (entry) => (isGuests(entry) ? 1 + Number(entry.validated) : 0),
    usual: 0,
    uncovered: 0,
  },
};

/** What is known of 2 MiB by the bytes of their entries. */
interface Known {
  readonly sum: number;
  readonly told: Map<RmpAspect, Uint16Array>;
}

/** An aspect of each page by the RMP; that of 2 MiB is worked out again only when the bytes of their entries have changed. */
export class RmpColours {
  private readonly known = new Map<number, Known>();

  /**
   * Pairs (page frame number, number as in `RmpAspect`) of all pages that are not simply the hypervisor’s; none without SNP.
   * Pages of a large one have its number.
   */
  of(p: Platform, aspect: RmpAspect = 'state'): Uint32Array {
    const pairs: number[] = [];
    const { usual } = TELLING[aspect];
    this.forEachRegion(p, aspect, (first, numbers) => {
      for (let i = 0; i < numbers.length; i++)
        if (numbers[i] !== usual) pairs.push(first + i, numbers[i] as number);
    });
    return Uint32Array.from(pairs);
  }

  /** How many pages there are in each state, in the order of `PAGE_STATES`. */
  counts(p: Platform): number[] {
    const counts = PAGE_STATES.map(() => 0);
    const pages = p.config.memory / PAGE_SIZE;
    const pairs = this.of(p);
    for (let i = 1; i < pairs.length; i += 2)
      counts[pairs[i] as number] = (counts[pairs[i] as number] ?? 0) + 1;
    counts[HYPERVISOR] = pages - pairs.length / 2;
    return counts;
  }

  /** The first pages that are in a state, neighbours together. */
  pagesIn(p: Platform, state: PageState): RmpPageRun[] {
    const wanted = PAGE_STATES.indexOf(state);
    const runs: { first: number; count: number }[] = [];
    const add = (first: number, count: number): void => {
      const last = runs.at(-1);
      if (last && last.first + last.count === first) last.count += count;
      else if (runs.length < MOST_RUNS) runs.push({ first, count });
    };
    this.forEachRegion(
      p,
      'state',
      (first, numbers) => {
        for (let i = 0; i < numbers.length; i++) if (numbers[i] === wanted) add(first + i, 1);
      },
      (first, count) => {
        if (wanted === HYPERVISOR) add(first, count);
      },
    );
    return runs;
  }

  /** `usual` gets 2 MiB whose entries nobody has ever written, so that all pages are the hypervisor’s. */
  private forEachRegion(
    p: Platform,
    aspect: RmpAspect,
    each: (first: number, numbers: Uint16Array) => void,
    usual?: (first: number, count: number) => void,
  ): void {
    if (!snpEnabled(p)) return;
    for (let spa = 0; spa < p.config.memory; spa += LARGE_PAGE_SIZE) {
      const numbers = this.region(p, spa, aspect);
      const count = Math.min(PAGES, (p.config.memory - spa) / PAGE_SIZE);
      if (numbers) each(spa / PAGE_SIZE, numbers.subarray(0, count));
      else usual?.(spa / PAGE_SIZE, count);
    }
  }

  private region(p: Platform, spa: number, aspect: RmpAspect): Uint16Array | null {
    const at = entryPlace(p, spa);
    if (at === null) return new Uint16Array(PAGES).fill(TELLING[aspect].uncovered);
    const { pages } = p.state.dram;
    const [first, second] = [pages.get(at / PAGE_SIZE), pages.get(at / PAGE_SIZE + 1)];
    if (!first && !second) return null;
    const sum = checksum(first) ^ Math.imul(checksum(second), 31);
    let held = this.known.get(at);
    if (held?.sum !== sum) {
      held = { sum, told: new Map() };
      this.known.set(at, held);
    }
    const told = held.told.get(aspect) ?? numbersOf(loadTable(p, at, REGION_BYTES), TELLING[aspect]);
    held.told.set(aspect, told);
    return told;
  }
}

function numbersOf(bytes: Uint8Array, { of }: Telling): Uint16Array {
  const head = unpackEntry(bytes);
  const numbers = new Uint16Array(PAGES);
  if (head.assigned && head.large) return numbers.fill(of(head));
  for (let i = 0; i < PAGES; i++) numbers[i] = of(unpackEntry(bytes, i * ENTRY_BYTES));
  return numbers;
}

function checksum(page: Uint8Array | undefined): number {
  if (!page) return 0;
  const words = new Uint32Array(page.buffer, page.byteOffset, page.length / 4);
  let sum = 1;
  for (let i = 0; i < words.length; i++) sum = (Math.imul(sum, 0x01000193) ^ (words[i] as number)) | 0;
  return sum;
}
