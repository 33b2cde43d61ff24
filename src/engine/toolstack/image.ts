import { PAGE_SIZE } from '../core/address';
import { u32 } from '../core/bytes';
import type { DomainCell } from '../core/cells';
import type { Platform } from '../core/platform';
import { KERNEL } from '../guest/program';
import { directMap } from '../guest/tables';

/** A piece of what a guest starts from: whole pages at a guest physical address. */
export interface Segment {
  readonly name: 'kernel' | 'start info';
  readonly gfn: number;
  readonly bytes: Uint8Array;
}

/** `struct hvm_start_info` (Xen xen/include/public/arch-x86/hvm/start_info.h). */
const START_MAGIC = 0x336ec578;
const START_INFO_BYTES = 0x38;
const CMDLINE_AT = 0x18;

/**
 * What libxenguest loads for a PVH guest. The kernel of this simulator is one page, which stands behind the room that it
 * takes for its own page tables; the start info is page 0.
 */
export function bootSegments(p: Platform, domain: DomainCell, cmdline: string): Segment[] {
  const kernel = new Uint8Array(PAGE_SIZE).fill(0x90);
  kernel.set(KERNEL);
  const info = new Uint8Array(PAGE_SIZE);
  info.set(u32(START_MAGIC), 0);
  info.set(u32(1), 4);
  info.set(u32(START_INFO_BYTES), CMDLINE_AT);
  info.set(new TextEncoder().encode(cmdline).subarray(0, PAGE_SIZE - START_INFO_BYTES - 1), START_INFO_BYTES);
  const tables = directMap(p, domain.memory, domain.sev).length;
  return [
    { name: 'start info', gfn: 0, bytes: info },
    { name: 'kernel', gfn: 1 + tables, bytes: kernel },
  ];
}
