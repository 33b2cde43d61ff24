import { readU64, u64 } from '../core/bytes';
import { OWNER_HYPERVISOR } from '../core/page';
import type { Platform } from '../core/platform';
import type { RegisterName } from '../core/registers';
import { peekBytes } from '../memory/cache';
import { cachedUpdate } from '../memory/fill';
import { hostStructureKey } from './mode';
import { VMCB_FIELDS, type VmcbField } from './vmcb';

/**
 * What VMRUN loads from the save area of the VMCB and #VMEXIT stores there for a guest without SEV-ES, of what this machine
 * keeps. The other general registers stay in the core: software moves them (APM vol. 2 §15.5.1, §15.6).
 */
export const SAVED_REGISTERS = [
  'rax',
  'rsp',
  'rip',
  'rflags',
  'cr2',
  'dr6',
  'dr7',
] as const satisfies readonly (RegisterName & VmcbField)[];

/** Whole lines of the VMCB that hold the save area’s fields. */
const FIRST = 0x4c0;
const END = 0x680;

/** The registers of the save area. */
export function loadSaveArea(
  p: Platform,
  complex: number,
  vmcb: number,
): Record<(typeof SAVED_REGISTERS)[number], bigint> {
  const bytes = peekBytes(p, complex, vmcb + FIRST, END - FIRST, hostStructureKey(p));
  return Object.fromEntries(
    SAVED_REGISTERS.map((name) => [name, readU64(bytes, VMCB_FIELDS[name].offset - FIRST)]),
  ) as Record<(typeof SAVED_REGISTERS)[number], bigint>;
}

/** Stores fields of the save area and of the mode, line by line where they differ. */
export function storeSaveArea(
  p: Platform,
  complex: number,
  vmcb: number,
  fields: Partial<Readonly<Record<VmcbField, bigint>>>,
): void {
  const key = hostStructureKey(p);
  const before = peekBytes(p, complex, vmcb + FIRST, END - FIRST, key);
  const after = before.slice();
  for (const [name, value] of Object.entries(fields) as [VmcbField, bigint][])
    after.set(u64(BigInt.asUintN(64, value)), VMCB_FIELDS[name].offset - FIRST);
  cachedUpdate(p, complex, vmcb + FIRST, { before, after }, key, OWNER_HYPERVISOR);
}
