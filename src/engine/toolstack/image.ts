import { PAGE_SIZE } from '../core/address';
import { u32 } from '../core/bytes';
import type { DomainCell } from '../core/cells';
import type { Platform } from '../core/platform';
import { KERNEL } from '../guest/kernel';
import { CMDLINE_AT } from '../guest/startInfo';
import { directMap } from '../guest/tables';

/** A piece of what a guest starts from: whole pages. */
export interface Piece {
  readonly name: 'kernel' | 'start info';
  readonly bytes: Uint8Array;
}

/** The same at its place in guest physical memory. */
export interface Segment extends Piece {
  readonly gfn: number;
}

/** `struct hvm_start_info` and `hvm_modlist_entry` (Xen xen/include/public/arch-x86/hvm/start_info.h). */
const START_MAGIC = 0x336ec578;
const START_INFO_BYTES = 0x38;
const MODULES_AT = 0x0c;
const MODLIST_AT = 0x10;
const MODULE_LIST = 0x7e0;

/**
 * Where an owner’s secret goes: the second half of the start info’s page, which the start info names as a module. So the
 * place is measured, as edk2 announces its own in a page of its firmware (modelled).
 */
export const SECRET_PLACE = { address: 0x800, length: 0x400 } as const;

/** What libxenguest loads for a PVH guest, in the order in which it is measured; with a place for its owner’s secret. */
export function bootImage(cmdline: string, secret: boolean): readonly [Piece, Piece] {
  const kernel = new Uint8Array(PAGE_SIZE).fill(0x90);
  kernel.set(KERNEL);
  const info = new Uint8Array(PAGE_SIZE);
  info.set(u32(START_MAGIC), 0);
  info.set(u32(1), 4);
  info.set(u32(START_INFO_BYTES), CMDLINE_AT);
  const end = secret ? MODULE_LIST : PAGE_SIZE;
  info.set(new TextEncoder().encode(cmdline).subarray(0, end - START_INFO_BYTES - 1), START_INFO_BYTES);
  if (secret) {
    info.set(u32(1), MODULES_AT);
    info.set(u32(MODULE_LIST), MODLIST_AT);
    info.set(u32(SECRET_PLACE.address), MODULE_LIST);
    info.set(u32(SECRET_PLACE.length), MODULE_LIST + 8);
  }
  return [
    { name: 'start info', bytes: info },
    { name: 'kernel', bytes: kernel },
  ];
}

/** Where a second processor starts in the kernel’s page (modelled: an image of edk2 names the place in a table). */
const OTHERS_AT = 0x800;

/** The kernel’s page number, behind the room that it takes for its own page tables. */
const kernelAt = (p: Platform, memory: number, sev: boolean): number => 1 + directMap(p, memory, sev).length;

/** Where each vCPU of such a guest starts: GPAs. */
export function entriesOf(
  p: Platform,
  { vcpus, memory, sev }: { readonly vcpus: number; readonly memory: number; readonly sev: boolean },
): number[] {
  const first = PAGE_SIZE * kernelAt(p, memory, sev);
  return Array.from({ length: vcpus }, (_, vcpu) => (vcpu === 0 ? first : first + OTHERS_AT));
}

/** The kernel of this simulator is one page, behind the room that it takes for its own page tables; the start info is page 0. */
export function placed(
  p: Platform,
  domain: Pick<DomainCell, 'memory' | 'sev'>,
  [info, kernel]: readonly [Piece, Piece],
): readonly Segment[] {
  return [
    { ...info, gfn: 0 },
    { ...kernel, gfn: kernelAt(p, domain.memory, domain.sev) },
  ];
}
