import { readUint, toHex } from '../../../engine/core/bytes';
import type { Platform } from '../../../engine/core/platform';
import { GHCB_FIELDS, type GhcbField, isValid, readGhcb } from '../../../engine/cpu/ghcb/layout';
import { swapOf } from '../../../engine/cpu/swap';
import { VMCB_FIELDS, type VmcbField } from '../../../engine/cpu/vmcb';
import { readVmsaField, VMSA_FIELDS, type VmsaField } from '../../../engine/cpu/vmsaFields';
import { hasRegProt, isProtected } from '../../../engine/cpu/vmsaTweak';
import { readUserRegs, USER_REGISTERS, type UserRegister, userRegsOf } from '../../../engine/xen/stub';
import type { Reach, RegisterCellView, RegisterRow } from '../../registersProtocol';
import { bitsOf } from './bits';
import type { GhcbPage } from './ghcbPage';
import type { SeenPage } from './reach';
import { type AllRegisters, type AnyRegister, heldRegisters, type Vcpu } from './vcpu';

/** Everything that is shown of a vCPU, those that matter most first. */
const SHOWN = [
  ['rip', 'RIP'],
  ['rax', 'RAX'],
  ['rbx', 'RBX'],
  ['rcx', 'RCX'],
  ['rdx', 'RDX'],
  ['rsi', 'RSI'],
  ['rdi', 'RDI'],
  ['rsp', 'RSP'],
  ['rbp', 'RBP'],
  ['rflags', 'RFLAGS'],
  ['r8', 'R8'],
  ['r9', 'R9'],
  ['r10', 'R10'],
  ['r11', 'R11'],
  ['r12', 'R12'],
  ['r13', 'R13'],
  ['r14', 'R14'],
  ['r15', 'R15'],
  ['xmm0', 'XMM0'],
  ['cr0', 'CR0'],
  ['cr2', 'CR2'],
  ['cr3', 'CR3'],
  ['cr4', 'CR4'],
  ['efer', 'EFER'],
  ['dr6', 'DR6'],
  ['dr7', 'DR7'],
  ['xcr0', 'XCR0'],
  ['ghcb', 'GHCB MSR'],
] as const satisfies readonly (readonly [AnyRegister, string])[];

const WIDE = 16;
const sizeOf = (name: AnyRegister): number => (name === 'xmm0' ? WIDE : 8);

export const hexOf = (value: bigint, size: number): string =>
  BigInt.asUintN(8 * size, value)
    .toString(16)
    .padStart(2 * size, '0');

/** Where a register lies in the VMSA; the GHCB MSR is kept in the VMCB. */
const inVmsa = (name: AnyRegister): number | null =>
  name === 'xmm0'
    ? VMSA_FIELDS.fpregXmm.offset
    : name in VMSA_FIELDS
      ? VMSA_FIELDS[name as VmsaField].offset
      : null;

const isUserRegister = (name: string): name is UserRegister =>
  (USER_REGISTERS as readonly string[]).includes(name);

const isGhcbField = (name: string): name is GhcbField => Object.hasOwn(GHCB_FIELDS, name);

/** What Xen finds of a register without asking the guest: in the VMCB, or where its stub put it. */
interface Found {
  readonly value: bigint;
  readonly at: number | null;
  readonly open: boolean;
}

function foundByXen(p: Platform, of: Vcpu, name: AnyRegister): Found | null {
  const { domain, vcpu, complex, vmcb, userRegs } = of;
  if (Object.hasOwn(VMCB_FIELDS, name)) {
    const { offset, size } = VMCB_FIELDS[name as VmcbField];
    const value = readUint(vmcb.bytes, offset, size);
    return { value, at: vmcb.spa + offset, open: vmcb.open(offset, size) };
  }
  if (!isUserRegister(name)) return null;
  const spa = userRegsOf(domain, vcpu);
  const value = readUserRegs(p, complex, spa)[name];
  return { value, at: null, open: userRegs.open(spa - userRegs.spa, 128) };
}

const reachOf = (guest: boolean, hypervisor: boolean): Reach =>
  guest ? (hypervisor ? 'both' : 'guest') : hypervisor ? 'hypervisor' : 'nobody';

const cell = (value: string, reach: Reach, at: number | null = null, counts = true): RegisterCellView => ({
  value,
  reach,
  at,
  counts,
  changed: false,
});

/** The two sides of a VMSA: what the guest’s key makes of its bytes, and the bytes that Xen gets. */
function vmsaCells(page: SeenPage, name: AnyRegister, running: boolean): RegisterRow['cells'] {
  const offset = inVmsa(name);
  if (offset === null) return {};
  const size = sizeOf(name);
  const open = page.open(offset, size);
  const plain = page.bytes.slice(offset, offset + size).reverse();
  const vmsa = {
    ...cell(toHex(plain), reachOf(true, open), page.spa + offset, !running),
    ...(hasRegProt(page.bytes) &&
      isProtected(offset) && { nonce: hexOf(readVmsaField(page.bytes, 'regProtNonce'), 8) }),
  };
  if (!page.sealed) return { vmsa };
  const sealed = toHex(page.sealed.subarray(offset, offset + size));
  return { vmsa, sealed: cell(sealed, reachOf(open, open), page.spa + offset, open) };
}

function ghcbCell({ page }: GhcbPage, name: AnyRegister): RegisterRow['cells'] {
  if (name === 'ghcb' || !isGhcbField(name)) return {};
  const { offset, size } = GHCB_FIELDS[name];
  const value = hexOf(readGhcb(page.bytes, name), size);
  const reach = reachOf(true, page.open(offset, size));
  return { ghcb: cell(value, reach, page.spa + offset, isValid(page.bytes, name)) };
}

function rowOf(p: Platform, of: Vcpu, held: AllRegisters, ghcb: GhcbPage | null, name: AnyRegister) {
  const found = foundByXen(p, of, name);
  const kept = of.vmsa && inVmsa(name);
  // Xen can stop a guest at any time: a register is open to it when it can read where an exit leaves the register.
  const left = of.vmsa && kept !== null ? of.vmsa.open(kept ?? 0, sizeOf(name)) : (found?.open ?? true);
  const same = found?.value === held[name];
  const used = !of.es || name === 'ghcb';
  return {
    vcpu: cell(hexOf(held[name], sizeOf(name)), reachOf(true, left)),
    ...(found && {
      xen: cell(hexOf(found.value, 8), reachOf(used && same, found.open), found.at, used && same),
    }),
    ...(of.vmsa && vmsaCells(of.vmsa, name, of.core !== null)),
    ...(ghcb && ghcbCell(ghcb, name)),
  };
}

/** Every register in every place where it, or something that looks like it, stands. */
export function rowsOf(p: Platform, of: Vcpu, ghcb: GhcbPage | null): RegisterRow[] {
  const held = heldRegisters(p, of);
  return SHOWN.filter(([name]) => of.es || name !== 'ghcb').map(([name, label]) => ({
    name,
    label,
    bits: bitsOf(name, held[name]),
    swap: swapOf(name, of.es),
    cells: rowOf(p, of, held, ghcb, name),
  }));
}
