import { PAGE_SIZE } from '../core/address';
import type { TrustedRegion } from '../core/aspCells';
import { NO_KEY } from '../core/key';
import { OWNER_FIRMWARE, OWNER_HYPERVISOR, pageOwner } from '../core/page';
import type { Platform } from '../core/platform';
import { blockAddress, CHECKSUM_BYTES, CHECKSUM_RULE, checksumFits, storeChecksum } from '../cpu/checksum';
import { writeVmsaField } from '../cpu/vmsaFields';
import { dmaWrite } from '../memory/bus';
import { emptyRange } from '../memory/flush';
import { patchPlatform, platformOf } from './platform';

/**
 * The trusted memory region of SEV-ES. Its second half holds a checksum for each VMSA (AMD-ASPFW sev_es.c, pool_u32.c).
 * Modelled: that the list of free blocks stays in the firmware's own memory.
 */

const pages = ({ address, length }: TrustedRegion): number[] =>
  Array.from({ length: length / PAGE_SIZE }, (_, i) => address / PAGE_SIZE + i);

/** The first DF_FLUSH after INIT: from now on only the secure processor reaches the region. */
export function startRegion(p: Platform): void {
  const { tmr } = platformOf(p);
  if (!tmr || tmr.live) return;
  emptyRange(p, tmr.address, tmr.length);
  for (const page of pages(tmr))
    if (pageOwner(p.state.pages.get(page)) === OWNER_HYPERVISOR)
      p.trace.page(page, { owner: OWNER_FIRMWARE });
  patchPlatform(p, { tmr: { ...tmr, live: true } });
}

/** SHUTDOWN: what was stored is cleared and the region is the host's again. */
export function releaseRegion(p: Platform): void {
  const { tmr } = platformOf(p);
  if (!tmr) return;
  for (const block of tmr.blocks)
    dmaWrite(p, blockAddress(tmr, block), new Uint8Array(CHECKSUM_BYTES), NO_KEY, OWNER_FIRMWARE);
  for (const page of pages(tmr))
    if (pageOwner(p.state.pages.get(page)) === OWNER_FIRMWARE)
      p.trace.page(page, { owner: OWNER_HYPERVISOR });
}

/** The lowest free checksum block, or null: none is left, or the region is not live yet. */
export function freeBlock({ tmr }: { readonly tmr: TrustedRegion | null }): number | null {
  if (!tmr?.live) return null;
  const used = new Set(tmr.blocks);
  for (let block = 0; block < tmr.length / 2 / CHECKSUM_BYTES; block++) if (!used.has(block)) return block;
  return null;
}

/** Gives a VMSA a checksum block; answers with the page as it is stored, and the number of the block. */
export function protectVmsa(p: Platform, vmsa: Uint8Array): { page: Uint8Array; block: number } {
  const { tmr } = platformOf(p);
  const block = freeBlock({ tmr });
  if (!tmr || block === null) throw new Error('no checksum block is free');
  const page = vmsa.slice();
  writeVmsaField(page, 'firmwareZero', 0n);
  writeVmsaField(page, 'checksumPointer', BigInt(blockAddress(tmr, block)));
  p.trace.fact('note', { what: 'VMSA protected by a checksum', block }, CHECKSUM_RULE);
  storeChecksum(p, blockAddress(tmr, block), page);
  patchPlatform(p, { tmr: { ...tmr, blocks: [...tmr.blocks, block].sort((a, b) => a - b) } });
  return { page, block };
}

/** Is this a whole VMSA whose checksum fits? */
export const isProtectedVmsa = (p: Platform, page: Uint8Array): boolean =>
  page.length >= PAGE_SIZE && checksumFits(p, page);

/** The blocks of a guest that is gone. */
export function freeBlocks(p: Platform, blocks: readonly number[]): void {
  const { tmr } = platformOf(p);
  if (tmr && blocks.length > 0)
    patchPlatform(p, { tmr: { ...tmr, blocks: tmr.blocks.filter((block) => !blocks.includes(block)) } });
}
