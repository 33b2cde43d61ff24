import { PAGE_SIZE } from '../core/address';
import type { TrustedRegion } from '../core/aspCells';
import { bytesEqual, readU64, u64 } from '../core/bytes';
import type { Rule } from '../core/fault';
import { NO_KEY } from '../core/key';
import { OWNER_FIRMWARE, OWNER_HYPERVISOR, pageOwner } from '../core/page';
import type { Platform } from '../core/platform';
import { dmaRead, dmaWrite } from '../memory/bus';
import { crc64 } from './crc64';
import { patchPlatform, platformOf } from './platform';

/**
 * The trusted memory region of SEV-ES. Its second half holds a checksum for each VMSA (AMD-ASPFW sev_es.c, pool_u32.c).
 * Modelled: the size of a block, eight bytes, and that the list of free blocks stays in the firmware's own memory.
 */
const BLOCK_BYTES = 8;

/** Places in a VMSA that the firmware fills: zero, and the address of the VMSA's checksum block. */
const VMSA_ZEROED = 0x380;
const VMSA_POINTER = 0x388;
/** What a checksum covers. */
const VMSA_CHECKED = 0xfc0;

const CHECKSUM: Rule = {
  id: 'asp.vmsa-checksum',
  says: 'A CRC-64 of each VMSA lies in memory that only the secure processor reaches, and the VMSA points to it.',
  source: 'AMD-ASPFW sev_es.c; the polynomial is modelled (ECMA-182)',
  standing: 'modelled',
};

const pages = ({ address, length }: TrustedRegion): number[] =>
  Array.from({ length: length / PAGE_SIZE }, (_, i) => address / PAGE_SIZE + i);

/** The first DF_FLUSH after INIT: from now on only the secure processor reaches the region. */
export function startRegion(p: Platform): void {
  const { tmr } = platformOf(p);
  if (!tmr || tmr.live) return;
  for (const page of pages(tmr))
    if (pageOwner(p.state.pages.get(page)) === OWNER_HYPERVISOR)
      p.trace.page(page, { owner: OWNER_FIRMWARE });
  patchPlatform(p, { tmr: { ...tmr, live: true } });
}

/** SHUTDOWN: what was stored is cleared and the region is the host's again. */
export function releaseRegion(p: Platform): void {
  const { tmr } = platformOf(p);
  if (!tmr) return;
  for (const block of tmr.blocks) writeBlock(p, blockAddress(tmr, block), new Uint8Array(BLOCK_BYTES));
  for (const page of pages(tmr))
    if (pageOwner(p.state.pages.get(page)) === OWNER_FIRMWARE)
      p.trace.page(page, { owner: OWNER_HYPERVISOR });
}

const blockAddress = ({ address, length }: TrustedRegion, block: number): number =>
  address + length / 2 + block * BLOCK_BYTES;

const writeBlock = (p: Platform, address: number, bytes: Uint8Array): void =>
  dmaWrite(p, address, bytes, NO_KEY, OWNER_FIRMWARE);

/** The lowest free checksum block, or null: none is left, or the region is not live yet. */
export function freeBlock({ tmr }: { readonly tmr: TrustedRegion | null }): number | null {
  if (!tmr?.live) return null;
  const used = new Set(tmr.blocks);
  for (let block = 0; block < tmr.length / 2 / BLOCK_BYTES; block++) if (!used.has(block)) return block;
  return null;
}

/** Gives a VMSA a checksum block; answers with the page as it is stored, and the number of the block. */
export function protectVmsa(p: Platform, vmsa: Uint8Array): { page: Uint8Array; block: number } {
  const { tmr } = platformOf(p);
  const block = freeBlock({ tmr });
  if (!tmr || block === null) throw new Error('no checksum block is free');
  const page = vmsa.slice();
  page.fill(0, VMSA_ZEROED, VMSA_POINTER);
  page.set(u64(BigInt(blockAddress(tmr, block))), VMSA_POINTER);
  p.trace.fact('note', { what: 'VMSA protected by a checksum', block }, CHECKSUM);
  writeBlock(p, blockAddress(tmr, block), u64(crc64(page.subarray(0, VMSA_CHECKED))));
  patchPlatform(p, { tmr: { ...tmr, blocks: [...tmr.blocks, block].sort((a, b) => a - b) } });
  return { page, block };
}

/** Is this the VMSA that the checksum it points to was made of? */
export function isProtectedVmsa(p: Platform, page: Uint8Array): boolean {
  const { tmr } = platformOf(p);
  if (!tmr?.live || page.length < PAGE_SIZE) return false;
  const pointer = readU64(page, VMSA_POINTER);
  const block = tmr.blocks.find((each) => BigInt(blockAddress(tmr, each)) === pointer);
  if (block === undefined) return false;
  const stored = dmaRead(p, blockAddress(tmr, block), BLOCK_BYTES, NO_KEY);
  return bytesEqual(stored, u64(crc64(page.subarray(0, VMSA_CHECKED))));
}

/** The blocks of a guest that is gone. */
export function freeBlocks(p: Platform, blocks: readonly number[]): void {
  const { tmr } = platformOf(p);
  if (tmr && blocks.length > 0)
    patchPlatform(p, { tmr: { ...tmr, blocks: tmr.blocks.filter((block) => !blocks.includes(block)) } });
}
