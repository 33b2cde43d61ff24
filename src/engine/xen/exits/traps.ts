import type { DomainCell } from '../../core/cells';
import { DONE, type Outcome, type Rule } from '../../core/fault';
import type { Platform } from '../../core/platform';
import { featuresOf } from '../../cpu/cpuid';
import { markReserved } from '../nested';
import { call } from '../trail';
import { LAPIC_BASE } from './apic';

const MARK: Rule = {
  id: 'xen.mmio-mark',
  says: 'The nested entry of an emulated device gets a reserved bit, so that touching it becomes #VC in a guest with SEV-ES.',
  source: 'APM vol. 2 §15.35.4; Linux arch/x86/kvm/mmu (kvm_mmu_set_mmio_spte_mask for SEV-ES)',
  standing: 'published',
};

/** Marks the local APIC’s page in the nested tables of a guest with SEV-ES: no tree of Xen does this yet. */
export const trapDevices = (p: Platform, domain: DomainCell): Outcome<null> =>
  call(p, 'xen', 'SEV-ES: emulated devices with a reserved bit', { gpa: LAPIC_BASE }, () => {
    const bit = 1n << BigInt(featuresOf(p.state).hostBits);
    p.trace.fact('note', { what: 'reserved bit', gpa: LAPIC_BASE, bit: featuresOf(p.state).hostBits }, MARK);
    const marked = markReserved(p, domain, LAPIC_BASE, bit);
    return marked.ok ? DONE : marked;
  });
