import type { LaunchRun } from '../asp/snp/launchDigest';
import { PAGE_SIZE } from '../core/address';
import type { DomainCell } from '../core/cells';
import type { Platform } from '../core/platform';
import { directMap } from '../guest/tables';
import { cpuidTable } from '../xen/exits/cpuidPage';
import type { Segment } from './image';

/**
 * What an SNP guest starts from, in the order in which it is measured (modelled: a PVH kernel’s image would name the places,
 * as the metadata of OVMF does): start info and kernel as they are, zeros where the kernel will put its page tables before it
 * can accept memory, and behind the kernel the pages that the firmware fills or checks.
 */
export const snpRuns = (
  p: Platform,
  domain: DomainCell,
  segments: readonly Segment[],
): readonly LaunchRun[] =>
  measuredRuns(p, domain, segments).map((run) =>
    run.type === 'CPUID' ? { ...run, bytes: cpuidTable(p, domain) } : run,
  );

/** The same as everybody can know it who has the image: of the CPUID page only the place is measured. */
export function measuredRuns(
  p: Platform,
  domain: Pick<DomainCell, 'memory' | 'sev'>,
  segments: readonly Segment[],
): readonly LaunchRun[] {
  const loaded = segments.map(
    ({ name, gfn, bytes }): LaunchRun => ({
      what: name,
      type: 'NORMAL',
      gpa: gfn * PAGE_SIZE,
      pages: bytes.length / PAGE_SIZE,
      bytes,
    }),
  );
  const behind = Math.max(...loaded.map(({ gpa, pages }) => gpa + pages * PAGE_SIZE));
  const tables = directMap(p, domain.memory, domain.sev).length;
  return [
    ...loaded,
    { what: 'page tables', type: 'ZERO', gpa: PAGE_SIZE, pages: tables, bytes: null },
    { what: 'secrets', type: 'SECRETS', gpa: behind, pages: 1, bytes: null },
    { what: 'CPUID table', type: 'CPUID', gpa: behind + PAGE_SIZE, pages: 1, bytes: null },
  ];
}
