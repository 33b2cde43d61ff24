import { PAGE_SIZE } from '../../core/address';
import { type Outcome, ok, type Rule, refuse } from '../../core/fault';
import type { FrameRun } from '../../core/frameRun';
import { OWNER_HYPERVISOR } from '../../core/page';
import type { Platform } from '../../core/platform';
import { giveBack, setOwner } from '../frames';
import { call } from '../trail';

/** Bytes of the trusted memory region without SNP, and what its address is a multiple of (AMD-ASPFW sev_es.c). */
export const REGION_BYTES = 0x100000;
const PAGES = REGION_BYTES / PAGE_SIZE;

const NO_REGION: Rule = {
  id: 'xen.no-region',
  says: 'SEV-ES wants a megabyte of free memory, aligned to itself, for the checksums; without one the platform starts without SEV-ES.',
  source:
    'Linux drivers/crypto/ccp/sev-dev.c (TMR allocation); AMD-ASPFW sev_es.c (sev_es_reserve_trusted_region)',
  standing: 'published',
};

/** First frame of the highest aligned megabyte in a run, or null. */
function aligned([first, count]: FrameRun): number | null {
  const start = (Math.floor((first + count) / PAGES) - 1) * PAGES;
  return start >= first ? start : null;
}

/** Takes a megabyte for the region, as high in free memory as there is one (modelled: where it lies). Answers with its SPA. */
export const takeRegion = (p: Platform): Outcome<number> =>
  call(
    p,
    'xen',
    'alloc_domheap_pages',
    { pages: PAGES },
    () => {
      const { free } = p.state.need('xen');
      const start = free.map(aligned).findLast((found) => found !== null);
      if (start === undefined || start === null)
        return p.trace.refused(
          refuse(NO_REGION, 'ENOMEM', 'No aligned megabyte is free.', { pages: PAGES }, 'More memory.'),
        );
      const left = free.flatMap(([first, count]): FrameRun[] =>
        start < first || start >= first + count
          ? [[first, count]]
          : [
              [first, start - first],
              [start + PAGES, first + count - start - PAGES],
            ],
      );
      p.trace.patch('xen', 0, { free: left.filter(([, count]) => count > 0) });
      setOwner(p, [start, PAGES], OWNER_HYPERVISOR);
      return ok(start * PAGE_SIZE);
    },
    (region) => ({ region }),
  );

/** After SHUTDOWN, or where INIT refused. */
export const freeRegion = (p: Platform, region: number): void =>
  giveBack(p, 'free', [[region / PAGE_SIZE, PAGES]]);
