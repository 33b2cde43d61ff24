import type { CoreCell, DomainCell } from '../core/cells';
import { DONE, type Outcome, ok } from '../core/fault';
import { OWNER_HYPERVISOR } from '../core/page';
import type { Platform } from '../core/platform';
import { featuresOf } from './cpuid';
import { HOST_MODE, hostFormat, memEncryption } from './mode';
import { flushAll, flushAsid } from './tlb';
import * as vmcb from './vmcb';
import { type Control, refusalOf, VMRUN_RULES } from './vmrunChecks';

function readControl(p: Platform, complex: number, address: number): Control {
  const read = (field: vmcb.VmcbField) => vmcb.readVmcb(p, complex, address, field);
  return {
    asid: Number(read('asid')),
    tlbControl: Number(read('tlbControl')),
    nestedControl: read('nestedControl'),
    nestedCr3: read('nestedCr3'),
    lbrControl: read('lbrControl'),
    efer: read('efer'),
    cr0: read('cr0'),
    cr3: read('cr3'),
    cr4: read('cr4'),
  };
}

function guestMode(p: Platform, domain: number, vcpu: number, control: Control): Partial<CoreCell> {
  const { asid, nestedControl, nestedCr3, cr0, cr3 } = control;
  const { cMask, addressMask } = hostFormat(p);
  const encrypted = memEncryption(p) && (nestedControl & vmcb.SEV_ENABLE) !== 0n;
  const nestedPaging = (nestedControl & vmcb.NP_ENABLE) !== 0n;
  const root = nestedPaging ? nestedCr3 : cr3;
  return {
    domain,
    vcpu,
    asid,
    sev: encrypted,
    vte: encrypted && (nestedControl & vmcb.VTE_ENABLE) !== 0n && featuresOf(p.state).has('VTE'),
    nestedPaging,
    nestedCr3: Number(root & addressMask),
    nestedCr3C: (root & cMask) !== 0n,
    guestCr3: Number(cr3 & ~0xfffn),
    guestPaging: (cr0 & vmcb.CR0_PG) !== 0n,
  };
}

/** SPA of a vCPU’s control block. @throws Error for a vCPU that the domain does not have: a bug of ours. */
export function vmcbOf({ vmcbs, name }: DomainCell, vcpu: number): number {
  const found = vmcbs[vcpu];
  if (found === undefined) throw new Error(`${name} has no vCPU ${vcpu}`);
  return found;
}

/** What VMRUN of a guest on a core would do now: what it read, and the mode that the core would be in. */
export interface Entry {
  readonly control: Control;
  readonly mode: Partial<CoreCell>;
}

/** Reads the VMCB and checks it, with fields that somebody is about to write. Changes nothing. */
export function prepareEntry(
  p: Platform,
  coreId: number,
  domain: DomainCell,
  { vcpu = 0, ...written }: Partial<Control> & { readonly vcpu?: number } = {},
): Outcome<Entry> {
  const { complex } = p.state.need('core', coreId);
  const control = { ...readControl(p, complex, vmcbOf(domain, vcpu)), ...written };
  const fault = refusalOf(p, complex, control);
  return fault ? { ok: false, fault } : ok({ control, mode: guestMode(p, domain.id, vcpu, control) });
}

/** VMCB TLB_CONTROL: 1 everything, 3 and 7 this ASID (APM vol. 2 §15.16.2). */
export const flushesOnEntry = ({ tlbControl }: Control): boolean => [1, 3, 7].includes(tlbControl);

/** VMRUN: the core takes the guest's state from the VMCB in memory. Answers VMEXIT_INVALID where a check refuses. */
export function vmrun(p: Platform, coreId: number, domain: DomainCell, vcpu = 0): Outcome<null> {
  const address = vmcbOf(domain, vcpu);
  const args = { core: coreId, vmcb: address, guest: domain.name };
  return p.trace.span('core', 'xen', 'VMRUN', args, () => {
    const core = p.state.need('core', coreId);
    const { asid, nestedControl, tlbControl } = readControl(p, core.complex, address);
    const ignored = !memEncryption(p) && (nestedControl & vmcb.SEV_ENABLE) !== 0n;
    const read = { what: 'VMCB', asid, nestedControl: Number(nestedControl), tlbControl };
    p.trace.fact('check', read, ignored ? VMRUN_RULES.ignored : null);
    const entry = prepareEntry(p, coreId, domain, { vcpu });
    if (!entry.ok) {
      p.trace.refused(entry);
      vmcb.writeVmcb(p, core.complex, address, 'exitCode', -1n, OWNER_HYPERVISOR);
      return entry;
    }
    if (tlbControl === 1) flushAll(p, coreId);
    else if (flushesOnEntry(entry.value.control)) flushAsid(p, coreId, asid);
    p.trace.patch('core', coreId, entry.value.mode);
    return DONE;
  });
}

/** #VMEXIT: the reason goes into the VMCB, the core is the host's again; TLB entries stay, tagged. */
export function vmexit(p: Platform, coreId: number, code: number, info1 = 0, info2 = 0): void {
  const core = p.state.need('core', coreId);
  const domain = core.domain === null ? null : p.state.cell('domain', core.domain);
  if (!domain) return;
  const registers = vmcb.MODE_REGISTERS[core.guestPaging ? 'long' : 'off'];
  const fields = {
    exitCode: BigInt(code),
    exitInfo1: BigInt(info1),
    exitInfo2: BigInt(info2),
    cr3: BigInt(core.guestCr3),
    ...registers,
  };
  p.trace.call('core', 'xen', '#VMEXIT', { core: coreId, guest: domain.name, code }, () => {
    for (const field of Object.keys(fields) as (keyof typeof fields)[]) {
      vmcb.writeVmcb(p, core.complex, vmcbOf(domain, core.vcpu), field, fields[field], OWNER_HYPERVISOR);
    }
    p.trace.patch('core', coreId, HOST_MODE);
  });
}
