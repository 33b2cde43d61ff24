import type { CoreCell, DomainCell } from '../core/cells';
import { DONE, type Outcome, ok } from '../core/fault';
import { OWNER_HYPERVISOR } from '../core/page';
import type { Platform } from '../core/platform';
import {
  packRegisters,
  type Registers,
  type RegistersCell,
  registerBytes,
  unpackRegisters,
} from '../core/registers';
import { structureRefusal } from '../rmp/structures';
import { featuresOf } from './cpuid';
import { deliver } from './deliver';
import { HOST_REGISTERS } from './hostState';
import { samplingRefusal } from './ibs';
import { HOST_MODE, hostFormat, memEncryption } from './mode';
import { loadSaveArea, SAVED_REGISTERS, storeSaveArea } from './saveArea';
import { flushAll, flushAsid } from './tlb';
import * as vmcb from './vmcb';
import { type Control, refusalOf, type SavedState, stateRefusalOf, VMRUN_RULES } from './vmrunChecks';
import { isSnpVmsa, movesHere, pcpuIdOf, tlbIdOn, VMRUN_SNP_RULES } from './vmrunSnp';
import { type Controls, readVmsa, storeVmsa, storeWhereItRuns, vmsaControls, vmsaRegisters } from './vmsa';
import { readVmsaField } from './vmsaFields';

const CONTROL_FIELDS = [
  'nestedControl',
  'nestedCr3',
  'lbrControl',
  'vmsa',
  'eventInj',
  'allowedSevFeatures',
] as const satisfies readonly vmcb.VmcbField[];
const CONTROLS = ['efer', 'cr0', 'cr3', 'cr4'] as const;

function fieldsOf<F extends vmcb.VmcbField>(
  p: Platform,
  complex: number,
  address: number,
  names: readonly F[],
): Record<F, bigint> {
  const read = names.map((name) => [name, vmcb.readVmcb(p, complex, address, name)]);
  return Object.fromEntries(read) as Record<F, bigint>;
}

function readControl(p: Platform, complex: number, address: number): Control {
  return {
    asid: Number(vmcb.readVmcb(p, complex, address, 'asid')),
    tlbControl: Number(vmcb.readVmcb(p, complex, address, 'tlbControl')),
    ...fieldsOf(p, complex, address, CONTROL_FIELDS),
  };
}

/** The guest has encrypted register state: where encryption is off the bit is ignored (APM vol. 2 §15.34.3, §15.35.2). */
const hasEs = (p: Platform, { nestedControl }: Control): boolean =>
  memEncryption(p) && (nestedControl & vmcb.SEV_ES_ENABLE) !== 0n;

/** Control registers as an exit from a core stores them. */
const leftControls = ({ guestPaging, guestCr3 }: CoreCell): Controls => ({
  ...vmcb.MODE_REGISTERS[guestPaging ? 'long' : 'off'],
  cr3: BigInt(guestCr3),
});

/**
 * Where the registers come from: the VMCB’s save area, which SEV-ES ignores, or the VMSA, whose bytes come along. Of a vCPU
 * that is still on a core, what its exit from there will have stored in the same place.
 */
function savedState(
  p: Platform,
  complex: number,
  address: number,
  control: Control,
  leaving: CoreCell | null,
): SavedState {
  if (!hasEs(p, control)) {
    const stored = () => fieldsOf(p, complex, address, CONTROLS) as Controls;
    return { page: null, controls: leaving && !leaving.es ? leftControls(leaving) : stored() };
  }
  const spa = Number(control.vmsa & hostFormat(p).addressMask);
  const page = readVmsa(p, complex, spa, control.asid);
  if (leaving?.es && leaving.vmsa === spa && leaving.asid === control.asid)
    return { page, controls: leftControls(leaving), sealedAnew: true };
  return { page, controls: vmsaControls(page) };
}

function guestMode(
  p: Platform,
  domain: number,
  vcpu: number,
  control: Control,
  { page, controls: { cr0, cr3 } }: SavedState,
): Partial<CoreCell> {
  const { asid, nestedControl, nestedCr3, vmsa } = control;
  const { cMask, addressMask } = hostFormat(p);
  const encrypted = memEncryption(p) && (nestedControl & vmcb.SEV_ENABLE) !== 0n;
  const es = encrypted && hasEs(p, control);
  const nestedPaging = (nestedControl & vmcb.NP_ENABLE) !== 0n;
  const root = nestedPaging ? nestedCr3 : cr3;
  const snp = page !== null && isSnpVmsa(p, page);
  return {
    domain,
    vcpu,
    asid,
    sev: encrypted,
    es,
    vmsa: es ? Number(vmsa & addressMask) : 0,
    snp,
    vmpl: page && snp ? Number(readVmsaField(page, 'vmpl')) : 0,
    vte: encrypted && !es && (nestedControl & vmcb.VTE_ENABLE) !== 0n && featuresOf(p.state).has('VTE'),
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

/** What a core’s registers hold. */
export const registersOf = (p: Platform, core: number): RegistersCell =>
  p.state.cell('registers', core) ?? HOST_REGISTERS;

/** Changes registers of a core. */
export function setRegisters(p: Platform, core: number, fields: Partial<Registers>): void {
  const before = unpackRegisters(registersOf(p, core));
  p.trace.set('registers', core, packRegisters({ ...before, ...fields }));
}

/** What VMRUN of a guest on a core would do now: what it read, and the mode that the core would be in. */
export interface Entry {
  readonly control: Control;
  readonly state: SavedState;
  readonly mode: Partial<CoreCell>;
  /** Which translations of the core it drops first: all, those of the guest’s ASID, or none. */
  readonly flushes: 'all' | 'asid' | null;
}

/**
 * Reads the VMCB and checks it, with fields that somebody is about to write and, of a vCPU that has to leave another core
 * first, what it will have stored there. Changes nothing.
 */
export function prepareEntry(
  p: Platform,
  coreId: number,
  domain: DomainCell,
  {
    vcpu = 0,
    leaving = null,
    ...written
  }: Partial<Control> & { readonly vcpu?: number; readonly leaving?: CoreCell | null } = {},
): Outcome<Entry> {
  const { complex } = p.state.need('core', coreId);
  const address = vmcbOf(domain, vcpu);
  const control = { ...readControl(p, complex, address), ...written };
  const early = structureRefusal(p, 'VMCB', address, control.asid) ?? refusalOf(p, complex, control);
  if (early) return { ok: false, fault: early };
  const state = savedState(p, complex, address, control, leaving);
  const late = stateRefusalOf(p, control, state) ?? samplingRefusal(p, coreId, state.page);
  if (late) return { ok: false, fault: late };
  const mode = guestMode(p, domain.id, vcpu, control, state);
  const flushes = flushesOnEntry(p, control, coreId, mode.snp ? state.page : null);
  return ok({ control, state, mode, flushes });
}

/** VMCB TLB_CONTROL: 1 everything, 3 and 7 this ASID (APM vol. 2 §15.16.2); an SNP guest’s VMSA has a say, too. */
function flushesOnEntry(
  p: Platform,
  { tlbControl, asid }: Control,
  core: number,
  snpVmsa: Uint8Array | null,
): Entry['flushes'] {
  if (tlbControl === 1) return 'all';
  return tlbControl === 3 || tlbControl === 7 || (snpVmsa && movesHere(p, snpVmsa, core, asid))
    ? 'asid'
    : null;
}

/**
 * VMRUN: the core takes the guest's state from the VMCB, or from its VMSA. Answers VMEXIT_INVALID where a check refuses, and
 * #GP where the VMCB itself may not be used.
 */
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
      if (entry.fault.name === 'VMEXIT_INVALID')
        vmcb.writeVmcb(p, core.complex, address, 'exitCode', -1n, OWNER_HYPERVISOR);
      return entry;
    }
    const { control, state, mode, flushes } = entry.value;
    if (state.page)
      p.trace.fact('check', { what: 'VMSA', address: Number(control.vmsa), asid }, VMRUN_RULES.vmsa);
    if (flushes === 'all') flushAll(p, coreId);
    else if (flushes === 'asid') flushAsid(p, coreId, asid);
    if (mode.snp && state.page && movesHere(p, state.page, coreId, asid)) {
      p.trace.fact('check', { what: 'PCPU_ID', core: coreId, asid }, VMRUN_SNP_RULES.pcpu);
      const at = { complex: core.complex, spa: Number(control.vmsa), asid, domain: domain.id };
      const tlbId = tlbIdOn(p, coreId, asid) + 1;
      storeWhereItRuns(p, at, state.page, { pcpuId: pcpuIdOf(coreId), tlbId: BigInt(tlbId) });
      p.trace.patch('core', coreId, { tlbIds: { ...core.tlbIds, [asid]: tlbId } });
    }
    p.trace.patch('core', coreId, mode);
    const registers = state.page
      ? { ...vmsaRegisters(state.page), ghcb: vmcb.readVmcb(p, core.complex, address, 'ghcb') }
      : { ...unpackRegisters(registersOf(p, coreId)), ...loadSaveArea(p, core.complex, address) };
    p.trace.set('registers', coreId, packRegisters(registers));
    deliver(p, { core: coreId, complex: core.complex, vmcb: address, domain, vcpu }, control, state.page);
    const entered = { what: 'entered', domain: domain.id, vcpu, vmpl: mode.vmpl ?? 0 };
    p.trace.fact('note', { ...entered, vmsa: mode.vmsa || null }, null, registerBytes(registers));
    return DONE;
  });
}

/** Why a guest leaves. */
export interface Exit {
  /** Reason of #VMEXIT. */
  readonly code: number;
  readonly info1?: bigint;
  readonly info2?: bigint;
  /** Where it goes on behind the instruction; not told of a guest with SEV-ES. */
  readonly nextRip?: bigint;
  /** Bytes of the instruction, on a nested page fault; not told of a guest with SEV-ES (cpu-and-rmp.md D.2). */
  readonly instruction?: Uint8Array;
}

/**
 * #VMEXIT: the reason goes into the VMCB and the core is the host's again; TLB entries stay, tagged. Without SEV-ES the save
 * area gets what it has room for and the other general registers stay in the core. With it everything goes into the VMSA,
 * and nothing of the guest stays (APM vol. 2 §15.6, §15.35.8); modelled: to the page that VMRUN loaded, whatever the VMCB
 * says meanwhile.
 */
export function vmexit(p: Platform, coreId: number, exit: Exit): void {
  const { code, info1 = 0n, info2 = 0n, nextRip, instruction } = exit;
  const core = p.state.need('core', coreId);
  const domain = core.domain === null ? null : p.state.cell('domain', core.domain);
  if (!domain) return;
  const address = vmcbOf(domain, core.vcpu);
  const controls = leftControls(core);
  const registers = unpackRegisters(registersOf(p, coreId));
  p.trace.call('core', 'xen', '#VMEXIT', { core: coreId, guest: domain.name, vcpu: core.vcpu, code }, () => {
    const { vcpu, vmpl, es } = core;
    const left = {
      what: 'left',
      domain: domain.id,
      vcpu,
      vmpl,
      es,
      vmsa: es ? core.vmsa : null,
      code,
      next: nextRip?.toString(16) ?? null,
    };
    p.trace.fact('note', left, null, registerBytes(registers));
    const reason = { exitCode: BigInt(code), exitInfo1: info1, exitInfo2: info2 };
    for (const field of Object.keys(reason) as (keyof typeof reason)[])
      vmcb.writeVmcb(p, core.complex, address, field, reason[field], OWNER_HYPERVISOR);
    if (!core.es && nextRip !== undefined)
      vmcb.writeVmcb(p, core.complex, address, 'nextRip', nextRip, OWNER_HYPERVISOR);
    if (!core.es && instruction) vmcb.writeInstruction(p, core.complex, address, instruction);
    if (core.es) {
      const at = { complex: core.complex, spa: core.vmsa, asid: core.asid, domain: domain.id };
      storeVmsa(p, at, registers, controls);
      vmcb.writeVmcb(p, core.complex, address, 'ghcb', registers.ghcb, OWNER_HYPERVISOR);
      p.trace.set('registers', coreId, HOST_REGISTERS);
    } else {
      const saved = Object.fromEntries(SAVED_REGISTERS.map((name) => [name, registers[name]]));
      storeSaveArea(p, core.complex, address, { ...controls, ...saved });
      const host = unpackRegisters(HOST_REGISTERS);
      setRegisters(p, coreId, Object.fromEntries(SAVED_REGISTERS.map((name) => [name, host[name]])));
    }
    p.trace.patch('core', coreId, HOST_MODE);
  });
}
