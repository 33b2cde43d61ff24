import { PAGE_SIZE } from '../core/address';
import { RESET_REGISTERS, type Registers } from '../core/registers';
import { MODE_REGISTERS } from '../cpu/vmcb';
import { type Controls, VMSA_REGISTERS } from '../cpu/vmsa';
import { type VmsaSegment, writeVmsaField, writeVmsaSegment } from '../cpu/vmsaFields';

/**
 * Segments of a PVH guest’s first processor: flat, 32 bits (Xen tools/libs/guest/xg_dom_x86.c: vcpu_hvm; docs/misc/pvh.pandoc).
 * Attributes and limit; selector and base are 0.
 */
const SEGMENTS = {
  cs: [0xc9b, 0xffff_ffff],
  ds: [0xc93, 0xffff_ffff],
  es: [0xc93, 0xffff_ffff],
  ss: [0xc93, 0xffff_ffff],
  tr: [0x8b, 0x67],
} as const satisfies Partial<Record<VmsaSegment, readonly [number, number]>>;

/** What Xen gives every new vCPU (xen/arch/x86/hvm: PAT after a reset, FPU after FNINIT). */
const FIXED = { gPat: 0x0007_0406_0007_0406n, mxcsr: 0x1f80n, x87Fcw: 0x37fn } as const;

/** The page in which Xen hands a vCPU’s first registers over, 4096 bytes in the clear; XMM0 is 0. `sevFeatures`: with SNP, bit 0. */
export function firstVmsa(registers: Registers, controls: Controls, sevFeatures = 0n): Uint8Array {
  const page = new Uint8Array(PAGE_SIZE);
  for (const [name, [attributes, limit]] of Object.entries(SEGMENTS)) {
    writeVmsaSegment(page, name as VmsaSegment, 'attributes', BigInt(attributes));
    writeVmsaSegment(page, name as VmsaSegment, 'limit', BigInt(limit));
  }
  for (const name of VMSA_REGISTERS) writeVmsaField(page, name, registers[name]);
  for (const name of ['cr0', 'cr3', 'cr4', 'efer'] as const) writeVmsaField(page, name, controls[name]);
  if (sevFeatures !== 0n) writeVmsaField(page, 'sevFeatures', sevFeatures);
  for (const name of ['gPat', 'mxcsr', 'x87Fcw'] as const) writeVmsaField(page, name, FIXED[name]);
  return page;
}

/** The same for a vCPU that starts at `entry` (GPA) with paging off, as everybody who knows the image can work it out. */
export const vmsaAt = (entry: number, sevFeatures = 0n): Uint8Array =>
  firstVmsa({ ...RESET_REGISTERS, rip: BigInt(entry) }, { ...MODE_REGISTERS.off, cr3: 0n }, sevFeatures);
