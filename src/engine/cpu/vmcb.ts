import { readU32, readU64, u32, u64 } from '../core/bytes';
import { OWNER_HYPERVISOR } from '../core/page';
import type { Platform } from '../core/platform';
import { peekBytes } from '../memory/cache';
import { cachedWrite } from '../memory/fill';
import { hostStructureKey } from './mode';

/**
 * The virtual machine control block at its real offsets (APM vol. 2 Appendix B; Linux arch/x86/include/asm/svm.h): a
 * 4 KiB page of the hypervisor, from which VMRUN takes what it needs and into which #VMEXIT stores.
 */
export const VMCB_FIELDS = {
  asid: { offset: 0x58, size: 4, help: 'guest ASID' },
  tlbControl: {
    offset: 0x5c,
    size: 1,
    help: '0 nothing, 1 flush all, 3 flush this ASID, 7 flush its non-global entries',
  },
  exitCode: { offset: 0x70, size: 8, help: 'why the guest left' },
  exitInfo1: { offset: 0x78, size: 8, help: 'detail of the exit' },
  exitInfo2: { offset: 0x80, size: 8, help: 'detail of the exit' },
  exitIntInfo: { offset: 0x88, size: 8, help: 'event whose delivery the exit interrupted' },
  nestedControl: { offset: 0x90, size: 8, help: 'bit 0 nested paging, bit 1 SEV, bit 2 SEV-ES, bit 5 VTE' },
  ghcb: { offset: 0xa0, size: 8, help: 'the guest’s GHCB MSR (C001_0130)' },
  eventInj: {
    offset: 0xa8,
    size: 8,
    help: 'event that VMRUN delivers: 7:0 vector, 10:8 type, bit 11 with error code, bit 31 valid, 63:32 error code',
  },
  nestedCr3: { offset: 0xb0, size: 8, help: 'root of the nested tables' },
  lbrControl: { offset: 0xb8, size: 8, help: 'bit 0 LBR virtualization, which SEV-ES needs' },
  nextRip: {
    offset: 0xc8,
    size: 8,
    help: 'where the guest goes on behind the instruction that made it exit',
  },
  vmsa: { offset: 0x108, size: 8, help: 'VMSA of a guest with SEV-ES: system physical address, no C-bit' },
  vmgexitRax: { offset: 0x110, size: 8, help: 'RAX at VMGEXIT, when SEV_FEATURES bit 10 is set' },
  vmgexitCpl: { offset: 0x118, size: 1, help: 'CPL at VMGEXIT, when SEV_FEATURES bit 10 is set' },
  allowedSevFeatures: {
    offset: 0x138,
    size: 8,
    help: 'SEV_FEATURES that VMRUN lets pass; bit 63 makes it count',
  },
  guestSevFeatures: {
    offset: 0x140,
    size: 8,
    help: 'SEV_FEATURES of the guest, as the last VMRUN found them',
  },
  efer: { offset: 0x4d0, size: 8, help: 'save area: EFER' },
  cr4: { offset: 0x548, size: 8, help: 'save area: CR4' },
  cr3: { offset: 0x550, size: 8, help: 'save area: CR3' },
  cr0: { offset: 0x558, size: 8, help: 'save area: CR0' },
  dr7: { offset: 0x560, size: 8, help: 'save area: DR7' },
  dr6: { offset: 0x568, size: 8, help: 'save area: DR6' },
  rflags: { offset: 0x570, size: 8, help: 'save area: RFLAGS' },
  rip: { offset: 0x578, size: 8, help: 'save area: RIP' },
  rsp: { offset: 0x5d8, size: 8, help: 'save area: RSP' },
  rax: { offset: 0x5f8, size: 8, help: 'save area: RAX' },
  cr2: { offset: 0x640, size: 8, help: 'save area: CR2' },
} as const;

/** Parts of the VMCB that are bytes and not a number. */
export const VMCB_RANGES = {
  guestInstruction: {
    offset: 0xd0,
    size: 16,
    help: 'how many bytes of the instruction were fetched, and up to 15 of them; never filled on #NPF of a guest with SEV-ES',
  },
} as const;

export type VmcbField = keyof typeof VMCB_FIELDS;
export const VMCB_FIELD_NAMES = Object.keys(VMCB_FIELDS) as [VmcbField, ...VmcbField[]];

/** Bits of VMCB 0x90. */
export const NP_ENABLE = 1n;
export const SEV_ENABLE = 2n;
export const SEV_ES_ENABLE = 4n;
export const VTE_ENABLE = 32n;
export const CR0_PG = 1n << 31n;
export const CR0_PE = 1n;
export const CR4_PAE = 0x20n;
export const EFER_SVME = 0x1000n;
export const EFER_LME = 0x100n;
const EFER_LMA = 0x400n;

/**
 * Control registers of the two modes that guests of this machine know: 32-bit with paging off, and long mode (APM vol. 2
 * §14.6: LME, PAE and PG together; hardware sets LMA).
 */
export const MODE_REGISTERS = {
  off: { cr0: CR0_PE, cr4: 0n, efer: EFER_SVME },
  long: { cr0: CR0_PE | CR0_PG, cr4: CR4_PAE, efer: EFER_SVME | EFER_LME | EFER_LMA },
} as const;

export function readVmcb(p: Platform, complex: number, vmcb: number, field: VmcbField): bigint {
  const { offset, size } = VMCB_FIELDS[field];
  const bytes = peekBytes(p, complex, vmcb + offset, size, hostStructureKey(p));
  return size === 8 ? readU64(bytes, 0) : size === 4 ? BigInt(readU32(bytes, 0)) : BigInt(bytes[0] ?? 0);
}

/** A store to a field by hardware or by the hypervisor, through the cache of a complex. */
export function writeVmcb(
  p: Platform,
  complex: number,
  vmcb: number,
  field: VmcbField,
  value: bigint,
  writer: number,
): void {
  const { offset, size } = VMCB_FIELDS[field];
  const bytes =
    size === 8 ? u64(BigInt.asUintN(64, value)) : u32(Number(BigInt.asUintN(32, value))).subarray(0, size);
  cachedWrite(p, complex, vmcb + offset, bytes, hostStructureKey(p), writer);
}

/** Stores the bytes of an instruction, at most 15, behind their number (APM vol. 2 §15.8.4). */
export function writeInstruction(p: Platform, complex: number, vmcb: number, instruction: Uint8Array): void {
  const { offset, size } = VMCB_RANGES.guestInstruction;
  const bytes = new Uint8Array(size);
  bytes[0] = instruction.length;
  bytes.set(instruction.subarray(0, size - 1), 1);
  cachedWrite(p, complex, vmcb + offset, bytes, hostStructureKey(p), OWNER_HYPERVISOR);
}

export function readInstruction(p: Platform, complex: number, vmcb: number): Uint8Array {
  const { offset, size } = VMCB_RANGES.guestInstruction;
  const bytes = peekBytes(p, complex, vmcb + offset, size, hostStructureKey(p));
  return bytes.subarray(1, 1 + Math.min(bytes[0] ?? 0, size - 1));
}
