import { hex, PAGE_SIZE, pfnOf } from '../../core/address';
import { u64 } from '../../core/bytes';
import { DONE, type Outcome, ok, type Rule } from '../../core/fault';
import { OWNER_FIRMWARE } from '../../core/page';
import type { Platform } from '../../core/platform';
import { featuresOf } from '../../cpu/cpuid';
import { canHide } from '../../cpu/hiding';
import { BOOKKEEPING_BYTES } from '../../rmp/place';
import { writeRmpBase, writeRmpCfg, writeRmpEnd, writeSyscfg } from '../../rmp/registers';
import { SEGMENT_ENTRY_BYTES } from '../../rmp/segments';
import { clearTable } from '../../rmp/store';
import { snpEnabled } from '../../rmp/table';
import { printk } from '../console';
import { flushAllCaches } from '../domctl/memory';
import { setOwner } from '../frames';
import { hostAccess } from '../host';
import { call } from '../trail';
import { submit } from './command';
import { freeRmp, presentRmp, type RmpPlan, takeRmp } from './rmpMemory';

const ORDER: Rule = {
  id: 'xen.snp-order',
  says: 'The RMP’s place is the same on all cores and its memory empty before MFDM, SNPEn and VMPLEn are set on all of them; then no core has a host save area, caches are written back, and SNP_INIT_EX writes the table.',
  source:
    'Linux arch/x86/virt/svm/sev.c (snp_rmptable_init), drivers/crypto/ccp/sev-dev.c (__sev_snp_init_locked)',
  standing: 'published',
};

const last = ({ base, bytes }: RmpPlan): number => base + bytes - 1;

/**
 * SNP before everything else: the RMP, the cores, SNP_INIT_EX. That it fails is not fatal; the console says why. Answers
 * whether SNP is initialised.
 */
export function startSnp(p: Platform, buffer: number): boolean {
  if (!featuresOf(p.state).has('SEV-SNP')) {
    printk(p, 'SEV-SNP: not known to this processor, left out');
    return false;
  }
  const placed = snpEnabled(p) ? present(p) : takeRmp(p);
  if (!placed.ok) {
    printk(p, 'SEV-SNP: no memory for the RMP, left out');
    return false;
  }
  const plan = placed.value;
  const started = call(p, 'asp-driver', 'SNP: RMP, SYSCFG, SNP_INIT_EX', { base: plan.base }, () =>
    initialise(p, plan, buffer),
  );
  if (!started.ok && !snpEnabled(p)) freeRmp(p, plan);
  printk(
    p,
    started.ok
      ? `SEV-SNP: RMP at ${hex(plan.base)} - ${hex(last(plan))}`
      : `SEV-SNP: could not be initialised: ${started.fault.name}`,
  );
  return started.ok;
}

/** SYSCFG cannot be written any more: an earlier start has come so far, and the RMP stays where it is. */
function present(p: Platform): Outcome<RmpPlan> {
  const plan = presentRmp(p);
  return plan ? ok(plan) : takeRmp(p);
}

function initialise(p: Platform, plan: RmpPlan, buffer: number): Outcome<null> {
  p.trace.fact('note', { what: 'SNP is enabled', base: plan.base, bytes: plan.bytes }, ORDER);
  const enabled = snpEnabled(p) ? DONE : enableCores(p, plan);
  if (!enabled.ok) return enabled;
  setOwner(p, [pfnOf(plan.base), plan.bytes / PAGE_SIZE], OWNER_FIRMWARE);
  p.trace.fact('note', { what: 'VM_HSAVE_PA = 0 on all cores' }, ORDER);
  flushAllCaches(p);
  const flags = canHide(p.config) ? INIT_RMP | CIPHERTEXT_HIDING : INIT_RMP;
  const written = submit(p, 'SNP_INIT_EX', { FLAGS: flags }, buffer);
  if (!written.ok) return written;
  flushAllCaches(p);
  const flushed = submit(p, 'SNP_DF_FLUSH', {}, buffer);
  return flushed.ok ? DONE : flushed;
}

/** SNP_INIT_EX: write the RMP. */
const INIT_RMP = 1;
/** SNP_INIT_EX: hide the ciphertext of guests (Linux include/linux/psp-sev.h: ciphertext_hiding_en). */
const CIPHERTEXT_HIDING = 8;

/** SegRmpEn, and where RmpSegSize begins. */
const SEGMENTED = 1;
const SIZE_LSB = 8;

/** What software does itself, on all cores. */
function enableCores(p: Platform, plan: RmpPlan): Outcome<null> {
  flushAllCaches(p);
  clearTable(p, { base: plan.base, end: last(plan) });
  const segments = writeSegments(p, plan);
  if (!segments.ok) return segments;
  const base = writeRmpBase(p, plan.base);
  if (!base.ok) return base;
  const end = writeRmpEnd(p, plan.end);
  if (!end.ok) return end;
  const { segmentBits } = plan;
  const cfg = segmentBits === null ? DONE : writeRmpCfg(p, (segmentBits << SIZE_LSB) | SEGMENTED);
  if (!cfg.ok) return cfg;
  return writeSyscfg(p, { mfdm: true, snpEn: true, vmplEn: true });
}

/** The table of segments, which hardware reads without a key. */
function writeSegments(p: Platform, { base, segments }: RmpPlan): Outcome<null> {
  if (segments.length === 0) return DONE;
  const page = new Uint8Array(PAGE_SIZE);
  for (const [i, { gib, base: first }] of segments.entries())
    if (gib > 0) page.set(u64(BigInt(first) | BigInt(gib)), i * SEGMENT_ENTRY_BYTES);
  const written = hostAccess(p, 0, 'write', base + BOOKKEEPING_BYTES, '0', PAGE_SIZE, page, true);
  return written.ok ? DONE : written;
}
