import type { TrustedRegion } from '../core/aspCells';
import { bytesEqual } from '../core/bytes';
import { crc64 } from '../core/crc64';
import type { Rule } from '../core/fault';
import { NO_KEY } from '../core/key';
import { OWNER_FIRMWARE } from '../core/page';
import type { Platform } from '../core/platform';
import { dmaWrite, peekDma } from '../memory/bus';
import { readVmsaField, VMSA_CHECKED } from './vmsaFields';

/**
 * The checksum of a VMSA of SEV-ES: it lies outside the VMSA, in the second half of the trusted memory region, which no core
 * and no device reaches (AMD-ASPFW sev_es.c, pool_u32.c). Modelled: the size of a block, eight bytes.
 */
export const CHECKSUM_BYTES = 8;

export const CHECKSUM_RULE: Rule = {
  id: 'asp.vmsa-checksum',
  says: 'A CRC-64 of each VMSA lies in memory that only the secure processor and microcode reach, and the VMSA points to it.',
  source: 'AMD-ASPFW sev_es.c; APM vol. 2 §15.35.8; the polynomial is modelled (ECMA-182)',
  standing: 'modelled',
};

/** SPA of a checksum block by its number. */
export const blockAddress = ({ address, length }: TrustedRegion, block: number): number =>
  address + length / 2 + block * CHECKSUM_BYTES;

/** The SPA that a VMSA points to, where that is a checksum block in use. */
export function checksumPlace(p: Platform, vmsa: Uint8Array): number | null {
  const tmr = p.state.cell('platform')?.tmr;
  if (!tmr?.live) return null;
  const pointer = readVmsaField(vmsa, 'checksumPointer');
  const block = tmr.blocks.find((each) => BigInt(blockAddress(tmr, each)) === pointer);
  return block === undefined ? null : blockAddress(tmr, block);
}

/** Stores the checksum of a VMSA at a place. */
export const storeChecksum = (p: Platform, place: number, vmsa: Uint8Array): void =>
  dmaWrite(p, place, crc64(vmsa.subarray(0, VMSA_CHECKED)), NO_KEY, OWNER_FIRMWARE);

/** Is this the VMSA that the checksum it points to was made of? */
export function checksumFits(p: Platform, vmsa: Uint8Array): boolean {
  const place = checksumPlace(p, vmsa);
  if (place === null) return false;
  return bytesEqual(peekDma(p, place, CHECKSUM_BYTES, NO_KEY), crc64(vmsa.subarray(0, VMSA_CHECKED)));
}
