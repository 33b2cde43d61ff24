import { PAGE_TYPES, type PageType } from '../../asp/snp/pageInfo';
import { PAGE_SIZE, pfnOf } from '../../core/address';
import type { DomainCell } from '../../core/cells';
import { DONE, type Outcome, type Rule } from '../../core/fault';
import { OWNER_FIRMWARE, OWNER_HYPERVISOR } from '../../core/page';
import type { Platform } from '../../core/platform';
import { command, hostAddress, reclaimWith } from '../driver/command';
import { giveToFirmware } from '../driver/handOver';
import { giveBack, setOwner, takeFrames } from '../frames';
import { frameOf } from '../guestFrames';
import { call, chain, chainSlowly, type Slow } from '../trail';
import { assignForLaunch, assignMemory, assignRun, splitDirectMap, takeFramesBack } from './assign';
import { identityFields } from './identity';
import { flushAllCaches } from './memory';
import { swapBlocks } from './swapBlocks';
import { flushVmsas, writeVmsas } from './vmsas';

/** An SNP guest between Xen and the firmware, from its context page to its end (xcp-ng/xen c5c3939fa6). */
const CORRECTED: Rule = {
  id: 'xen.cpuid-page-again',
  says: 'A CPUID page whose values the firmware does not let stand comes back corrected; Xen offers it once more as it came back.',
  source:
    'AMD-ASPFW sev_mcmd.c (snp_mcmd_launch_update); KVM hands the corrected page to user space; that Xen tries again is modelled',
  standing: 'modelled',
};

const contextOf = (p: Platform, { context }: DomainCell): bigint => hostAddress(p, context ?? 0);

const reclaim = (p: Platform) =>
  reclaimWith(p, p.state.need('driver').spare ?? p.state.need('driver').buffer);

/** The hook of the branch: a page of the firmware’s as context, the guest’s keys, and its ASID. */
export const snpInitialise = (p: Platform, id: number, policy: number): Outcome<null> =>
  chain(
    p,
    [
      ['xen', 'coco_domain_initialise'],
      ['svm', 'snp_domain_initialise'],
    ],
    { id, policy },
    () => {
      const taken = takeFrames(p, 'heap', 1, OWNER_FIRMWARE);
      if (!taken.ok) return p.trace.refused(taken);
      const spa = (taken.value[0]?.[0] ?? 0) * PAGE_SIZE;
      p.trace.patch('domain', id, { context: spa });
      const split = splitDirectMap(p, spa);
      if (!split.ok) return p.trace.refused(split);
      const given = giveToFirmware(p, [{ spa, large: false }], reclaim(p));
      if (!given.ok) return given;
      const domain = p.state.need('domain', id);
      const context = { GCTX_PADDR: contextOf(p, domain) };
      const made = command(p, 'SNP_GCTX_CREATE', context);
      if (!made.ok) return made;
      const started = command(p, 'SNP_LAUNCH_START', { ...context, POLICY: policy });
      if (!started.ok) return started;
      const bound = command(p, 'SNP_ACTIVATE', { ...context, ASID: domain.asid });
      return bound.ok ? DONE : bound;
    },
  );

/** SNP_LAUNCH_UPDATE of one page, which is assigned and immutable. */
function addPage(p: Platform, domain: DomainCell, spa: number, type: PageType): Outcome<null> {
  const page = {
    GCTX_PADDR: contextOf(p, domain),
    FLAGS: PAGE_TYPES[type] << 1,
    PAGE_PADDR: hostAddress(p, spa),
  };
  const added = command(p, 'SNP_LAUNCH_UPDATE', page);
  if (added.ok) return DONE;
  if (type !== 'CPUID' || added.fault.rule.id !== 'asp.cpuid-page-values') return added;
  p.trace.fact('note', { what: 'CPUID page corrected', spa }, CORRECTED);
  const again = command(p, 'SNP_LAUNCH_UPDATE', page);
  return again.ok ? DONE : again;
}

/**
 * XEN_COCO_prepare_initial_mem: what Domain-0 wrote in the clear becomes the guest’s, is measured and encrypted in place.
 * Progress is in pages.
 */
export const prepareSnpMemory = (
  p: Platform,
  id: number,
  gfn: number,
  count: number,
  type: PageType,
): Slow<null> =>
  chainSlowly(
    p,
    [
      ['hypercall', '__HYPERVISOR_coco_op / XEN_COCO_prepare_initial_mem'],
      ['svm', 'snp_domain_prepare_initial_mem'],
    ],
    { id, gfn, count, type },
    function* () {
      const domain = p.state.need('domain', id);
      for (let page = gfn; page < gfn + count; page++) swapBlocks(p, domain, page);
      call(p, 'svm', 'flush_all(FLUSH_CACHE_WRITEBACK)', {}, () => {
        flushAllCaches(p);
        return DONE;
      });
      const assigned = assignForLaunch(p, domain, gfn, count);
      if (!assigned.ok) return p.trace.refused(assigned);
      for (let page = gfn; page < gfn + count; page++) {
        const added = addPage(p, domain, (frameOf(domain, page) ?? 0) * PAGE_SIZE, type);
        if (!added.ok) return added;
        yield { done: page - gfn + 1, total: count };
      }
      return DONE;
    },
  );

/** Guest frame at which the VMSA of the first vCPU stands in the RMP; modelled: no nested table leads there. */
export const FIRST_VMSA_GFN = 0xf_ffff_ffff;

/** The end of the launch: the rest of the memory, the vCPUs’ registers, and SNP_LAUNCH_FINISH. */
export const finishSnpLaunch = (p: Platform, id: number): Outcome<null> =>
  call(p, 'svm', 'snp_domain_creation_finished', { id }, () => {
    const domain = p.state.need('domain', id);
    const assigned = assignMemory(p, domain, 0, domain.memory / PAGE_SIZE);
    if (!assigned.ok) return p.trace.refused(assigned);
    const registers = launchSnpVmsas(p, domain);
    if (!registers.ok) return registers;
    const finished = command(p, 'SNP_LAUNCH_FINISH', {
      GCTX_PADDR: contextOf(p, domain),
      ...identityFields(p, domain),
    });
    if (!finished.ok) return finished;
    const launchDigest = p.state.cell('context', pfnOf(domain.context ?? 0))?.digest ?? null;
    p.trace.patch('domain', id, { launchDigest });
    return DONE;
  });

/**
 * With a firmware image the pages are Domain-0’s, and stand where tools that measure such launches expect them: all at the
 * first VMSA’s place, as KVM has it.
 */
function launchSnpVmsas(p: Platform, domain: DomainCell): Outcome<null> {
  if (domain.firmware) flushVmsas(p);
  else writeVmsas(p, domain);
  for (const [vcpu, vmsa] of domain.vmsas.entries()) {
    const gfn = domain.firmware ? FIRST_VMSA_GFN : FIRST_VMSA_GFN + vcpu;
    const at = { gpa: gfn * PAGE_SIZE, immutable: true };
    const assigned = assignRun(p, domain, vmsa, 1, at);
    if (!assigned.ok) return p.trace.refused(assigned);
    const added = addPage(p, domain, vmsa, 'VMSA');
    if (!added.ok) return added;
  }
  return DONE;
}

/** SNP_DECOMMISSION, which gives the ASID back dirty, and the flushes without which nobody gets it again. */
export const snpDestroy = (
  p: Platform,
  id: number,
  omit: { readonly wbinvd: boolean; readonly dfFlush: boolean },
): Outcome<null> =>
  call(p, 'svm', 'snp_domain_destroy', { id }, () => {
    const domain = p.state.need('domain', id);
    const { context } = domain;
    if (context === null) return DONE;
    const known = p.state.cell('context', pfnOf(context)) !== null;
    const gone = known ? command(p, 'SNP_DECOMMISSION', { GCTX_PADDR: contextOf(p, domain) }) : DONE;
    if (!omit.wbinvd)
      call(p, 'xen', 'flush_all(FLUSH_CACHE_EVICT)', {}, () => {
        flushAllCaches(p);
        return DONE;
      });
    const flushed = omit.dfFlush ? DONE : command(p, 'SNP_DF_FLUSH', {});
    freeContext(p, domain, context);
    if (!gone.ok) return gone;
    return flushed.ok ? DONE : flushed;
  });

/** The page of the context: Firmware since the guest is forgotten. */
function freeContext(p: Platform, { id }: DomainCell, context: number): void {
  const [page] = takeFramesBack(p, [[pfnOf(context), 1]]);
  p.trace.patch('domain', id, { context: null });
  if (!page) return;
  setOwner(p, page, OWNER_HYPERVISOR);
  giveBack(p, 'heap', [page]);
}
