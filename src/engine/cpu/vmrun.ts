import type { DomainCell } from '../core/cells';
import { DONE, type Outcome, type Rule, refuse } from '../core/fault';
import { OWNER_HYPERVISOR } from '../core/page';
import type { Platform } from '../core/platform';
import { featuresOf } from './cpuid';
import { flushAll, flushAsid } from './tlb';
import { hostFormat, memEncryption } from './translate';
import { CR0_PE, CR0_PG, NP_ENABLE, readVmcb, SEV_ENABLE, writeVmcb } from './vmcb';

const rule = (id: string, says: string, source: string): Rule => ({
  id,
  says,
  source,
  standing: 'published',
});

export const VMRUN_RULES = {
  asidZero: rule('vmrun.asid-zero', 'ASID 0 is the host’s: VMRUN with it fails.', 'APM vol. 2 §15.5.1'),
  ignored: rule(
    'vmrun.sev-ignored',
    'With SYSCFG.MemEncryptionModEn = 0 the SEV bit of the VMCB is ignored, not faulted.',
    'APM vol. 2 §15.34.3',
  ),
  feature: rule(
    'vmrun.sev-feature',
    'The SEV bit needs a processor with SEV (CPUID Fn8000_001F[EAX] bit 1).',
    'APM vol. 2 §15.34.1',
  ),
  nestedPaging: rule(
    'vmrun.sev-nested-paging',
    'A guest with SEV needs nested paging.',
    'APM vol. 2 §15.34.3',
  ),
  asidLimit: rule(
    'vmrun.sev-asid-limit',
    'A guest with SEV needs an ASID of at most CPUID Fn8000_001F[ECX].',
    'APM vol. 2 §15.34.3',
  ),
  asidFloor: rule(
    'vmrun.sev-asid-floor',
    'A guest with SEV but without SEV-ES needs an ASID of at least CPUID Fn8000_001F[EDX].',
    'APM vol. 2 §15.35.2',
  ),
  keyLoaded: rule(
    'vmrun.key-slot',
    'The memory controller needs a key in the slot of this ASID; only the secure processor can load one.',
    'APM vol. 2 §15.34.2; AMD-ASPFW sev_guest.c (ACTIVATE)',
  ),
} as const;

const invalid = (
  by: Rule,
  message: string,
  inputs: Record<string, number | boolean>,
  remedy: string,
): Outcome<never> => refuse(by, 'VMEXIT_INVALID', message, inputs, remedy);

/** The checks of VMRUN that concern SEV, in the order of cpu-and-rmp.md E.9 (the architecture does not fix one). */
function check(p: Platform, asid: number, control: bigint): Outcome<null> {
  const sev = (control & SEV_ENABLE) !== 0n;
  const inputs = { asid, sev, nestedPaging: (control & NP_ENABLE) !== 0n };
  if (asid === 0)
    return invalid(
      VMRUN_RULES.asidZero,
      'The VMCB names ASID 0.',
      inputs,
      'The VMCB would have to name a guest ASID.',
    );
  if (!sev || !memEncryption(p)) return DONE;
  const cpu = featuresOf(p.state);
  if (!cpu.has('SEV'))
    return invalid(VMRUN_RULES.feature, 'This processor has no SEV.', inputs, 'A processor with SEV.');
  if (!inputs.nestedPaging)
    return invalid(
      VMRUN_RULES.nestedPaging,
      'The VMCB asks for SEV without nested paging.',
      inputs,
      'Bit 0 of VMCB 0x90 would have to be set.',
    );
  if (asid > cpu.maxAsid)
    return invalid(
      VMRUN_RULES.asidLimit,
      `ASID ${asid} is above the limit of ${cpu.maxAsid}.`,
      { ...inputs, limit: cpu.maxAsid },
      `An ASID from ${cpu.minPlainAsid} to ${cpu.maxAsid}.`,
    );
  if (asid < cpu.minPlainAsid)
    return invalid(
      VMRUN_RULES.asidFloor,
      `ASID ${asid} is kept for SEV-ES guests.`,
      { ...inputs, floor: cpu.minPlainAsid },
      `An ASID from ${cpu.minPlainAsid} to ${cpu.maxAsid}.`,
    );
  if (!p.state.cell('slot', asid))
    return invalid(
      VMRUN_RULES.keyLoaded,
      `No key is loaded for ASID ${asid}.`,
      inputs,
      'The secure processor would have to load a key into the slot.',
    );
  return DONE;
}

/** VMRUN: the core takes the guest's state from the VMCB in memory. Answers VMEXIT_INVALID where a check refuses. */
export function vmrun(p: Platform, coreId: number, domain: DomainCell): Outcome<null> {
  return p.trace.span('core', 'xen', 'VMRUN', { core: coreId, vmcb: domain.vmcb, guest: domain.name }, () => {
    const core = p.state.need('core', coreId);
    const read = (field: Parameters<typeof readVmcb>[3]) => readVmcb(p, core.complex, domain.vmcb, field);
    const asid = Number(read('asid'));
    const control = read('nestedControl');
    const tlbControl = Number(read('tlbControl'));
    p.trace.fact('check', { what: 'VMCB', asid, nestedControl: Number(control), tlbControl });
    const checked = check(p, asid, control);
    if (!checked.ok) {
      p.trace.refused(checked);
      writeVmcb(p, core.complex, domain.vmcb, 'exitCode', -1n, OWNER_HYPERVISOR);
      return checked;
    }
    if (tlbControl === 1) flushAll(p, coreId);
    else if (tlbControl === 3 || tlbControl === 7) flushAsid(p, coreId, asid);
    const nestedCr3 = read('nestedCr3');
    const { cMask, addressMask } = hostFormat(p);
    p.trace.set('core', coreId, {
      ...core,
      domain: domain.id,
      asid,
      sev: memEncryption(p) && (control & SEV_ENABLE) !== 0n,
      nestedPaging: (control & NP_ENABLE) !== 0n,
      nestedCr3: Number(nestedCr3 & addressMask),
      nestedCr3C: (nestedCr3 & cMask) !== 0n,
      guestCr3: Number(read('cr3') & ((1n << 52n) - 4096n)),
      guestPaging: (read('cr0') & CR0_PG) !== 0n,
    });
    return DONE;
  });
}

/** #VMEXIT: the reason goes into the VMCB, the core is the host's again; TLB entries stay, tagged. */
export function vmexit(p: Platform, coreId: number, code: number, info1 = 0, info2 = 0): void {
  const core = p.state.need('core', coreId);
  const domain = core.domain === null ? null : p.state.cell('domain', core.domain);
  if (!domain) return;
  p.trace.call('core', 'xen', '#VMEXIT', { core: coreId, guest: domain.name, code }, () => {
    writeVmcb(p, core.complex, domain.vmcb, 'exitCode', BigInt(code), OWNER_HYPERVISOR);
    writeVmcb(p, core.complex, domain.vmcb, 'exitInfo1', BigInt(info1), OWNER_HYPERVISOR);
    writeVmcb(p, core.complex, domain.vmcb, 'exitInfo2', BigInt(info2), OWNER_HYPERVISOR);
    writeVmcb(p, core.complex, domain.vmcb, 'cr3', BigInt(core.guestCr3), OWNER_HYPERVISOR);
    writeVmcb(
      p,
      core.complex,
      domain.vmcb,
      'cr0',
      CR0_PE | (core.guestPaging ? CR0_PG : 0n),
      OWNER_HYPERVISOR,
    );
    p.trace.set('core', coreId, {
      ...core,
      domain: null,
      asid: 0,
      sev: false,
      nestedPaging: false,
      nestedCr3: 0,
      nestedCr3C: false,
      guestCr3: 0,
      guestPaging: false,
    });
  });
}
