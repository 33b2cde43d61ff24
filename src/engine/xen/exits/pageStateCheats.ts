import { PAGE_SIZE } from '../../core/address';
import type { DomainCell, PageStateCheat } from '../../core/cells';
import type { Rule } from '../../core/fault';
import type { Platform } from '../../core/platform';
import { livingDomains } from '../domains';
import type { Wanted } from '../rmp';
import { vcpusOf } from './vcpus';

const CHEAT: Rule = {
  id: 'xen.page-state-cheat',
  says: 'The answer to a page state change is only the hypervisor’s word: that it has done something else, or nothing, shows when the guest executes PVALIDATE or touches the page.',
  source: 'cpu-and-rmp.md E.8; AMD, SEV-SNP: Strengthening VM Isolation (2020)',
  standing: 'published',
};

/** Another guest’s ASID, or the next one. */
const otherAsid = (p: Platform, { id, asid }: DomainCell): number =>
  livingDomains(p).find((other) => other.snp && other.id !== id)?.asid ?? asid + 1;

/** What RMPUPDATE is to make of a page; null: Xen says that it has done it, and does nothing. */
export function recordFor(
  p: Platform,
  domain: DomainCell,
  gpa: number,
  wanted: 'private' | 'shared',
): Wanted | null {
  const { asid } = domain;
  const honest: Wanted = wanted === 'private' ? { assigned: true, asid, gpa } : {};
  const cheat = vcpusOf(p, domain).pageStates;
  if (!cheat || (wanted === 'shared' && cheat !== 'nothing')) return honest;
  p.trace.fact('note', { what: 'the hypervisor cheats', gpa, how: cheat }, CHEAT);
  const records: Readonly<Record<PageStateCheat, Wanted | null>> = {
    nothing: null,
    'other-guest': { ...honest, asid: otherAsid(p, domain) },
    'other-address': { ...honest, gpa: gpa + PAGE_SIZE },
  };
  return records[cheat];
}
