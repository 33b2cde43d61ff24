import { OWNER_HYPERVISOR } from '../../core/page';
import type { Platform } from '../../core/platform';
import { GPRS, type Gpr, RESET_REGISTERS, type Registers } from '../../core/registers';
import { SAVED_REGISTERS } from '../../cpu/saveArea';
import { readVmcb, type VmcbField, writeVmcb } from '../../cpu/vmcb';
import { vmcbOf } from '../../cpu/vmrun';
import { type ExtendedState, readExtended, writeExtended } from '../extended';
import { readUserRegs, type UserRegister, userRegsOf, writeUserRegs } from '../stub';
import type { Left } from './left';

type Place = Pick<Left, 'domain' | 'vcpu' | 'complex'>;

const inVmcb = (name: string): name is Gpr & VmcbField =>
  (SAVED_REGISTERS as readonly string[]).includes(name);

/**
 * A register as Xen finds it: in the VMCB, or where its stub put it. Of a guest with SEV-ES there is nothing in these
 * places that hardware will ever look at.
 */
export function foundRegister(p: Platform, { domain, vcpu, complex }: Place, name: Gpr): bigint {
  if (inVmcb(name)) return readVmcb(p, complex, vmcbOf(domain, vcpu), name);
  return readUserRegs(p, complex, userRegsOf(domain, vcpu))[name as UserRegister];
}

/** XCR0 and XMM0 as Xen holds them. */
export const foundExtended = (p: Platform, { domain, vcpu, complex }: Place): ExtendedState =>
  readExtended(p, complex, userRegsOf(domain, vcpu));

export const putExtended = (p: Platform, { domain, vcpu, complex }: Place, state: ExtendedState): void =>
  writeExtended(p, complex, userRegsOf(domain, vcpu), state);

/** All registers that an instruction may use, as Xen finds them. */
export function foundRegisters(p: Platform, place: Place): Registers {
  const registers = GPRS.map((name) => [name, foundRegister(p, place, name)] as const);
  const vmcb = vmcbOf(place.domain, place.vcpu);
  return {
    ...RESET_REGISTERS,
    ...(Object.fromEntries(registers) as Partial<Registers>),
    ...foundExtended(p, place),
    rip: readVmcb(p, place.complex, vmcb, 'rip'),
    rflags: readVmcb(p, place.complex, vmcb, 'rflags'),
  };
}

/** Puts registers where the next VMRUN, or the stub before it, takes them from. */
export function putRegisters(
  p: Platform,
  { domain, vcpu, complex }: Place,
  values: Partial<Readonly<Record<Gpr, bigint>>>,
): void {
  const rest: Partial<Record<UserRegister, bigint>> = {};
  for (const name of GPRS) {
    const value = values[name];
    if (value === undefined) continue;
    if (inVmcb(name)) writeVmcb(p, complex, vmcbOf(domain, vcpu), name, value, OWNER_HYPERVISOR);
    else rest[name as UserRegister] = value;
  }
  if (Object.keys(rest).length > 0) writeUserRegs(p, complex, userRegsOf(domain, vcpu), rest);
}
