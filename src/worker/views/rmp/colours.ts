import { LARGE_PAGE_SIZE, PAGE_SIZE } from '../../../engine/core/address';
import type { Platform } from '../../../engine/core/platform';
import { ENTRY_BYTES, unpackEntry } from '../../../engine/rmp/entry';
import { pageState } from '../../../engine/rmp/pageState';
import { loadTable } from '../../../engine/rmp/store';
import { entryPlace, snpEnabled } from '../../../engine/rmp/table';
import { PAGE_STATES } from '../../../engine/rmp/types';

const PAGES = LARGE_PAGE_SIZE / PAGE_SIZE;
const REGION_BYTES = PAGES * ENTRY_BYTES;
const DEFAULT = PAGE_STATES.indexOf('Default');
const HYPERVISOR = PAGE_STATES.indexOf('Hypervisor');

/** What is known of 2 MiB by the bytes of their entries. */
interface Known {
  readonly sum: number;
  readonly states: Uint8Array;
}

/** The state of each page by the RMP; that of 2 MiB is worked out again only when the bytes of their entries have changed. */
export class RmpColours {
  private readonly known = new Map<number, Known>();

  /**
   * Pairs (page frame number, place in `PAGE_STATES`) of all pages that are not simply the hypervisor’s; none without SNP.
   * Pages of a large one have its state.
   */
  of(p: Platform): Uint32Array {
    const pairs: number[] = [];
    if (!snpEnabled(p)) return new Uint32Array();
    for (let spa = 0; spa < p.config.memory; spa += LARGE_PAGE_SIZE) {
      const states = this.region(p, spa);
      if (!states) continue;
      const end = Math.min(PAGES, (p.config.memory - spa) / PAGE_SIZE);
      for (let i = 0; i < end; i++) {
        const state = states[i] as number;
        if (state !== HYPERVISOR) pairs.push(spa / PAGE_SIZE + i, state);
      }
    }
    return Uint32Array.from(pairs);
  }

  /** Null: nobody has ever written the entries, so that all pages are the hypervisor’s. */
  private region(p: Platform, spa: number): Uint8Array | null {
    const at = entryPlace(p, spa);
    if (at === null) return UNCOVERED;
    const { pages } = p.state.dram;
    const [first, second] = [pages.get(at / PAGE_SIZE), pages.get(at / PAGE_SIZE + 1)];
    if (!first && !second) return null;
    const sum = checksum(first) ^ Math.imul(checksum(second), 31);
    const held = this.known.get(at);
    if (held?.sum === sum) return held.states;
    const states = statesOf(loadTable(p, at, REGION_BYTES));
    this.known.set(at, { sum, states });
    return states;
  }
}

const UNCOVERED = new Uint8Array(PAGES).fill(DEFAULT);

function statesOf(bytes: Uint8Array): Uint8Array {
  const head = unpackEntry(bytes);
  const states = new Uint8Array(PAGES);
  if (head.assigned && head.large) return states.fill(PAGE_STATES.indexOf(pageState(head)));
  for (let i = 0; i < PAGES; i++)
    states[i] = PAGE_STATES.indexOf(pageState(unpackEntry(bytes, i * ENTRY_BYTES)));
  return states;
}

function checksum(page: Uint8Array | undefined): number {
  if (!page) return 0;
  const words = new Uint32Array(page.buffer, page.byteOffset, page.length / 4);
  let sum = 1;
  for (let i = 0; i < words.length; i++) sum = (Math.imul(sum, 0x01000193) ^ (words[i] as number)) | 0;
  return sum;
}
