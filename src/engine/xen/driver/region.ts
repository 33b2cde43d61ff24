import { LARGE_PAGE_SIZE, PAGE_SIZE } from '../../core/address';
import type { Outcome, Rule } from '../../core/fault';
import { OWNER_HYPERVISOR } from '../../core/page';
import type { Platform } from '../../core/platform';
import { giveBack, setOwner } from '../frames';
import { takeAligned } from './aligned';

/** Bytes of the trusted memory region without SNP, and what its address is a multiple of (AMD-ASPFW sev_es.c). */
const REGION_BYTES = 0x100000;

/** The same once the RMP is written: 2 MiB, so that the region is one page of the RMP. */
const REGION_BYTES_SNP = LARGE_PAGE_SIZE;

export const regionBytes = (snp: boolean): number => (snp ? REGION_BYTES_SNP : REGION_BYTES);

const NO_REGION: Rule = {
  id: 'xen.no-region',
  says: 'SEV-ES wants a megabyte of free memory, with SNP two, aligned to itself, for the checksums; without one the platform starts without SEV-ES.',
  source:
    'Linux drivers/crypto/ccp/sev-dev.c (TMR allocation); AMD-ASPFW sev_es.c (sev_es_reserve_trusted_region)',
  standing: 'published',
};

/** Takes the region, as high in free memory as there is room (modelled: where it lies). Answers with its SPA. */
export function takeRegion(p: Platform, snp: boolean): Outcome<number> {
  const bytes = regionBytes(snp);
  const taken = takeAligned(p, bytes, bytes, NO_REGION);
  if (taken.ok) setOwner(p, [taken.value / PAGE_SIZE, bytes / PAGE_SIZE], OWNER_HYPERVISOR);
  return taken;
}

/** After SHUTDOWN, or where INIT refused. */
export const freeRegion = (p: Platform, region: number, snp: boolean): void =>
  giveBack(p, 'free', [[region / PAGE_SIZE, regionBytes(snp) / PAGE_SIZE]]);
