import { describe, expect, it } from 'vitest';
import { LARGE_PAGE_SIZE, PAGE_SIZE, spa } from '../core/address';
import type { RmpVerdict } from '../core/change';
import { bare } from './testing/bare';
import { dropTranslations } from './translations';

const PAGE = LARGE_PAGE_SIZE + 5 * PAGE_SIZE;

/** Is a TLB entry of 4 KiB at PAGE still there after a page has changed? */
function survives(rmp: RmpVerdict | null, changed: number, size = PAGE_SIZE): boolean {
  const p = bare();
  const fields = {
    asid: 3,
    page: 0x7000,
    size: PAGE_SIZE,
    gpa: 0x7000,
    c: true,
    nestedC: false,
    writable: true,
  };
  const after = { ...fields, target: spa(PAGE), ...(rmp ? { rmp } : {}), born: 0 };
  p.trace.emit({ store: 'tlb', core: 1, slot: '3/7000', before: null, after });
  dropTranslations(p, changed, size);
  return p.state.tlbs[1]?.size === 1;
}

const verdict = (large: boolean): RmpVerdict => ({ vmpl: 0, allows: 7, large });

describe('a translation of 4 KiB', () => {
  it.each([null, verdict(false), verdict(true)])('goes when its page changes (%o)', (rmp) => {
    expect(survives(rmp, PAGE)).toBe(false);
    expect(survives(rmp, LARGE_PAGE_SIZE, LARGE_PAGE_SIZE)).toBe(false);
    expect(survives(rmp, 2 * LARGE_PAGE_SIZE)).toBe(true);
  });

  it('goes with its neighbours when the verdict was about all 2 MiB, else stays', () => {
    for (const neighbour of [LARGE_PAGE_SIZE, 2 * LARGE_PAGE_SIZE - PAGE_SIZE]) {
      expect(survives(verdict(true), neighbour)).toBe(false);
      expect(survives(verdict(false), neighbour)).toBe(true);
    }
  });
});
