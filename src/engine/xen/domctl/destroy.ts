import { PAGE_SIZE } from '../../core/address';
import type { DomainCell } from '../../core/cells';
import { DONE, type Outcome } from '../../core/fault';
import { pageKey } from '../../core/page';
import type { Platform } from '../../core/platform';
import { leaveAsid } from '../asid';
import { command } from '../driver/command';
import { countFrames, giveBack } from '../frames';
import { writeTable } from '../tables';
import { call, chain } from '../trail';
import { flushesAtDestroy } from '../tree';
import { takeFramesBack } from './assign';
import { flushAllCaches } from './memory';
import { takeOffCores } from './pause';
import { snpDestroy } from './snp';
import { freeVmsas } from './vmsas';

/** What a hypervisor may leave out when an encrypted guest dies; each is a mistake that the next guest meets. */
export interface Omissions {
  readonly wbinvd: boolean;
  readonly dfFlush: boolean;
}

export const NOTHING_OMITTED: Omissions = { wbinvd: false, dfFlush: false };

/** XEN_DOMCTL_destroydomain. */
export const destroyDomain = (p: Platform, domain: DomainCell, omit: Omissions): Outcome<null> =>
  chain(
    p,
    [
      ['hypercall', 'XEN_DOMCTL_destroydomain'],
      ['xen', 'do_domctl'],
      ['xen', 'domain_kill'],
    ],
    { id: domain.id },
    () => killDomain(p, domain, omit),
  );

/** The same for a domain whose creation failed half-way. */
export function killDomain(
  p: Platform,
  { id }: DomainCell,
  omit: Omissions = NOTHING_OMITTED,
): Outcome<null> {
  takeOffCores(p, id);
  if (p.state.need('device').domain === id) p.trace.set('device', 0, { domain: null });
  chain(
    p,
    [
      ['xen', 'domain_relinquish_resources'],
      ['xen', 'hvm_domain_relinquish_resources'],
    ],
    { id },
    () => {
      const frames = takeFramesBack(p, p.state.need('domain', id).frames);
      scrub(p, frames);
      giveBack(p, 'free', frames);
      p.trace.patch('domain', id, { frames: [] });
      return DONE;
    },
  );
  const destroyed = chain(
    p,
    [
      ['xen', 'complete_domain_destroy'],
      ['xen', 'arch_domain_destroy'],
      ['xen', 'hvm_domain_destroy'],
    ],
    { id },
    () => hvmDestroy(p, id, omit),
  );
  const gone = p.state.need('domain', id);
  giveBack(p, 'heap', gone.tableFrames);
  freeVmsas(p, gone);
  for (const kind of ['guest', 'vcpus'] as const) if (p.state.cell(kind, id)) p.trace.set(kind, id, null);
  p.trace.patch('domain', id, { alive: false, tableFrames: [], vmcbs: [], vmsas: [] });
  return destroyed;
}

function hvmDestroy(p: Platform, id: number, omit: Omissions): Outcome<null> {
  const { handle, snp } = p.state.need('domain', id);
  if (snp) {
    const done = snpDestroy(p, id, omit);
    leaveAsid(p, id);
    return done;
  }
  if (handle === null) {
    leaveAsid(p, id);
    return DONE;
  }
  const full = flushesAtDestroy(p);
  const done = call(
    p,
    'svm',
    full ? 'sev_domain_destroy with flushes' : 'coco_domain_destroy',
    { id },
    () => {
      const bound = p.state.cell('handle', handle)?.asid !== 0;
      if (bound) {
        const off = command(p, 'DEACTIVATE', { HANDLE: handle });
        if (!off.ok) return off;
      }
      if (full && !omit.wbinvd) {
        call(p, 'xen', 'flush_all(FLUSH_CACHE_EVICT)', {}, () => {
          flushAllCaches(p);
          return DONE;
        });
      }
      const flushed = full && !omit.dfFlush ? command(p, 'DF_FLUSH', {}) : DONE;
      const gone = command(p, 'DECOMMISSION', { HANDLE: handle });
      if (!gone.ok) return gone;
      return flushed.ok ? DONE : flushed;
    },
  );
  leaveAsid(p, id);
  return done;
}

/** Fills what was ever written of a dead domain's memory with zeros (Xen xen/common/page_alloc.c, free_domheap_pages: d->is_dying). */
function scrub(p: Platform, runs: DomainCell['frames']): void {
  p.trace.call('xen', 'xen', 'free_domheap_pages', { frames: countFrames(runs) }, () => {
    for (const [first, count] of runs) {
      for (let frame = first; frame < first + count; frame++) {
        if (pageKey(p.state.pages.get(frame)) !== 0)
          writeTable(p, frame * PAGE_SIZE, new Uint8Array(PAGE_SIZE));
      }
    }
  });
}
