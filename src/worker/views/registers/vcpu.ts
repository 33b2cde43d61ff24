import { PAGE_SIZE } from '../../../engine/core/address';
import type { DomainCell } from '../../../engine/core/cells';
import type { Platform } from '../../../engine/core/platform';
import { type Registers, unpackRegisters } from '../../../engine/core/registers';
import { HOST_REGISTERS } from '../../../engine/cpu/hostState';
import { hostStructureKey } from '../../../engine/cpu/mode';
import { loadSaveArea } from '../../../engine/cpu/saveArea';
import { MODE_REGISTERS, readVmcb } from '../../../engine/cpu/vmcb';
import { registersOf, vmcbOf } from '../../../engine/cpu/vmrun';
import { type Controls, vmsaControls, vmsaRegisters } from '../../../engine/cpu/vmsa';
import { domainNamed } from '../../../engine/xen/domain';
import { vmsaOf } from '../../../engine/xen/levels';
import { readUserRegs, userRegsOf } from '../../../engine/xen/stub';
import type { VcpuChoice } from '../../registersProtocol';
import { type SeenPage, seenPage } from './reach';

/** A vCPU and the pages in which its registers are kept. */
export interface Vcpu {
  readonly domain: DomainCell;
  readonly vcpu: number;
  readonly es: boolean;
  /** The core that runs it now. */
  readonly core: number | null;
  /** The complex through whose cache its pages are read. */
  readonly complex: number;
  readonly vmcb: SeenPage;
  readonly userRegs: SeenPage;
  readonly vmsa: SeenPage | null;
}

export type AllRegisters = Registers & Controls;
export type AnyRegister = keyof AllRegisters;

const CONTROLS = ['cr0', 'cr3', 'cr4', 'efer'] as const satisfies readonly (keyof Controls)[];

function runningOn(p: Platform, id: number, vcpu: number): number | null {
  const core = p.state.tlbs.findIndex((_, number) => {
    const cell = p.state.need('core', number);
    return cell.domain === id && cell.vcpu === vcpu;
  });
  return core < 0 ? null : core;
}

/** Has a guest of this name SEV-ES? */
export function isSealed(p: Platform, { guest }: VcpuChoice): boolean {
  const domain = domainNamed(p, guest);
  return domain.ok && domain.value.vmsas.length > 0;
}

export function vcpuAt(p: Platform, domain: DomainCell, vcpu: number): Vcpu {
  const core = runningOn(p, domain.id, vcpu);
  const { complex } = p.state.need('core', core ?? domain.core);
  const own = hostStructureKey(p);
  const vmsa = vmsaOf(p, domain, vcpu);
  const userRegs = userRegsOf(domain, vcpu);
  return {
    domain,
    vcpu,
    es: domain.vmsas.length > 0,
    core,
    complex,
    vmcb: seenPage(p, complex, vmcbOf(domain, vcpu), own),
    userRegs: seenPage(p, complex, userRegs - (userRegs % PAGE_SIZE), own),
    vmsa: vmsa === undefined ? null : seenPage(p, complex, vmsa, domain.asid),
  };
}

/** What the processor holds of it, or would load at the next VMRUN. */
export function heldRegisters(p: Platform, { domain, vcpu, core, complex, vmcb, vmsa }: Vcpu): AllRegisters {
  if (core !== null) {
    const { guestPaging, guestCr3 } = p.state.need('core', core);
    const mode = MODE_REGISTERS[guestPaging ? 'long' : 'off'];
    return { ...unpackRegisters(registersOf(p, core)), ...mode, cr3: BigInt(guestCr3) };
  }
  if (vmsa) {
    const ghcb = readVmcb(p, complex, vmcb.spa, 'ghcb');
    return { ...vmsaRegisters(vmsa.bytes), ...vmsaControls(vmsa.bytes), ghcb };
  }
  const controls = CONTROLS.map((name) => [name, readVmcb(p, complex, vmcb.spa, name)]);
  return {
    ...unpackRegisters(HOST_REGISTERS),
    ...readUserRegs(p, complex, userRegsOf(domain, vcpu)),
    ...loadSaveArea(p, complex, vmcb.spa),
    ...(Object.fromEntries(controls) as Controls),
  };
}
