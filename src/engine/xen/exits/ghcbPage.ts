import { hex, PAGE_SIZE } from '../../core/address';
import { type Outcome, ok, type Rule, refuse } from '../../core/fault';
import type { Platform } from '../../core/platform';
import type { GhcbWrite } from '../../cpu/ghcb/layout';
import { readVmcb } from '../../cpu/vmcb';
import { vmcbOf } from '../../cpu/vmrun';
import { hostAccess } from '../host';
import { frameBehind } from '../nested';
import type { Left } from './left';

const SNAPSHOT: Rule = {
  id: 'ghcb.snapshot',
  says: 'The hypervisor copies a shared page once and decides on the copy: the guest may change the page meanwhile.',
  source: 'Linux arch/x86/kvm/svm/sev.c (sev_es_sync_from_ghcb)',
  standing: 'published',
};

const NO_GHCB: Rule = {
  id: 'ghcb.address',
  says: 'The GHCB lies where the guest’s MSR C001_0130 says, which #VMEXIT leaves at VMCB 0xA0, in memory of the guest.',
  source: 'APM vol. 2 §15.35.7; GHCB specification #56421',
  standing: 'published',
};

/** GPA that the guest’s GHCB MSR named at the exit. */
export const ghcbGpa = (p: Platform, { domain, vcpu, complex }: Left): bigint =>
  readVmcb(p, complex, vmcbOf(domain, vcpu), 'ghcb');

/** SPA of the GHCB. */
export function findGhcb(p: Platform, left: Left): Outcome<number> {
  const gpa = Number(ghcbGpa(p, left));
  const spa = gpa % PAGE_SIZE === 0 ? frameBehind(p, left.domain, gpa) : null;
  if (spa !== null) return ok(spa);
  return p.trace.refused(
    refuse(
      NO_GHCB,
      'EINVAL',
      `${left.domain.name}’s GHCB would lie at GPA ${hex(gpa)}.`,
      { gpa },
      'The address of a page of the guest’s memory.',
    ),
  );
}

/** A copy of the page as Xen sees it: through a mapping without the C-bit. */
export function copyGhcb(p: Platform, left: Left, spa: number): Outcome<Uint8Array> {
  p.trace.fact('note', { what: 'copy of the GHCB', address: spa }, SNAPSHOT);
  return hostAccess(p, left.core, 'read', spa, '0', PAGE_SIZE);
}

/** Stores into the page. */
export function writeGhcb(p: Platform, left: Left, spa: number, writes: readonly GhcbWrite[]): Outcome<null> {
  for (const { offset, bytes } of writes) {
    const stored = hostAccess(p, left.core, 'write', spa + offset, '0', bytes.length, bytes);
    if (!stored.ok) return stored;
  }
  return ok(null);
}
