import { readU64, u64 } from '../core/bytes';
import type { DomainCell } from '../core/cells';
import { DONE } from '../core/fault';
import { OWNER_HYPERVISOR } from '../core/page';
import type { Platform } from '../core/platform';
import { type Gpr, type Registers, unpackRegisters } from '../core/registers';
import { HOST_REGISTERS } from '../cpu/hostState';
import { hostStructureKey } from '../cpu/mode';
import { type Exit, registersOf, setRegisters, vmexit } from '../cpu/vmrun';
import { peekBytes } from '../memory/cache';
import { cachedWrite } from '../memory/fill';
import { readExtended, writeExtended } from './extended';
import { noteExit } from './traces';
import { call } from './trail';

/**
 * What Xen’s assembly around VMRUN moves itself: the general registers that the VMCB has no room for (Xen
 * xen/arch/x86/hvm/svm/entry.S; xen/include/public/arch-x86/xen-x86_64.h, struct cpu_user_regs). Modelled: each vCPU has a
 * page for them from the start; Xen pushes them on the core’s stack and copies them when it switches away.
 */
const USER_REGS = {
  r15: 0,
  r14: 8,
  r13: 16,
  r12: 24,
  rbp: 32,
  rbx: 40,
  r11: 48,
  r10: 56,
  r9: 64,
  r8: 72,
  rcx: 88,
  rdx: 96,
  rsi: 104,
  rdi: 112,
} as const satisfies Partial<Record<Gpr, number>>;

export type UserRegister = keyof typeof USER_REGS;
export const USER_REGISTERS = Object.keys(USER_REGS) as UserRegister[];
const LENGTH = 120;

/** The general registers of a vCPU as Xen holds them in memory. */
export function readUserRegs(p: Platform, complex: number, spa: number): Record<UserRegister, bigint> {
  const bytes = peekBytes(p, complex, spa, LENGTH, hostStructureKey(p));
  const read = USER_REGISTERS.map((name) => [name, readU64(bytes, USER_REGS[name])]);
  return Object.fromEntries(read) as Record<UserRegister, bigint>;
}

/** Replaces some of them. */
export function writeUserRegs(
  p: Platform,
  complex: number,
  spa: number,
  values: Partial<Readonly<Record<UserRegister, bigint>>>,
): void {
  const bytes = peekBytes(p, complex, spa, LENGTH, hostStructureKey(p)).slice();
  for (const [name, value] of Object.entries(values) as [UserRegister, bigint][])
    bytes.set(u64(BigInt.asUintN(64, value)), USER_REGS[name]);
  cachedWrite(p, complex, spa, bytes, hostStructureKey(p), OWNER_HYPERVISOR);
}

/** SPA of a vCPU’s general registers. @throws Error for a vCPU that the domain does not have: a bug of ours. */
export function userRegsOf({ userRegs, name }: DomainCell, vcpu: number): number {
  const found = userRegs[vcpu];
  if (found === undefined) throw new Error(`${name} has no vCPU ${vcpu}`);
  return found;
}

/**
 * Before VMRUN: the general registers are popped and the extended state is restored. With SEV-ES hardware replaces them all
 * the same, and Xen has no extended state.
 */
export const popUserRegs = (p: Platform, coreId: number, domain: DomainCell, vcpu: number): void => {
  const { complex } = p.state.need('core', coreId);
  const spa = userRegsOf(domain, vcpu);
  const extended = domain.vmsas.length > 0 ? {} : readExtended(p, complex, spa);
  setRegisters(p, coreId, { ...readUserRegs(p, complex, spa), ...extended });
};

/** #VMEXIT, and Xen’s stub behind it: it pushes what it finds in the registers and clears them. */
export function leaveGuest(p: Platform, coreId: number, exit: Exit): void {
  const { domain: id, vcpu, complex, es } = p.state.need('core', coreId);
  const domain = id === null ? null : p.state.cell('domain', id);
  if (!domain) return;
  vmexit(p, coreId, exit);
  call(p, 'svm', 'svm_asm_do_resume', { guest: domain.name, vcpu }, () => {
    const found: Registers = unpackRegisters(registersOf(p, coreId));
    const pushed = Object.fromEntries(USER_REGISTERS.map((name) => [name, found[name]]));
    const spa = userRegsOf(domain, vcpu);
    writeUserRegs(p, complex, spa, pushed);
    if (!es) writeExtended(p, complex, spa, found);
    p.trace.set('registers', coreId, HOST_REGISTERS);
    noteExit(p, domain.id, vcpu, exit);
    return DONE;
  });
}
