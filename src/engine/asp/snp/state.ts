import { hex } from '../../core/address';
import type { Platform } from '../../core/platform';
import type { SnpCell } from '../../core/snpCells';
import { dirtyAllAsids } from '../asids';

/** The firmware's memory about SNP after a reset, before any command. */
const FRESH: SnpCell = {
  guests: 0,
  rmpTcb: null,
  vcek: null,
  reportedTcb: null,
  maskChipId: false,
  maskChipKey: false,
  vlek: null,
  iommuPages: [],
  stale: false,
};

export const snpOf = (p: Platform): SnpCell => p.state.cell('snp') ?? FRESH;

/** Changes some of what the firmware keeps about SNP. */
export function patchSnp(p: Platform, fields: Partial<SnpCell>): void {
  p.trace.set('snp', 0, { ...snpOf(p), ...fields });
}

/** 64 bits as cells keep them. */
export const word = (value: bigint): string => hex(BigInt.asUintN(64, value));

/**
 * SNP_SHUTDOWN_EX with IOMMU_SNP_SHUTDOWN marks the firmware’s permanent memory as void; the next command, whatever it is,
 * begins with building it anew (AMD-ASPFW sev_plat.c: init_perm). What SNP_CONFIG asked to be reported lies elsewhere and stays.
 */
export function rebuildIfStale(p: Platform): void {
  const { stale, reportedTcb } = snpOf(p);
  if (!stale) return;
  p.trace.set('snp', 0, { ...FRESH, reportedTcb });
  dirtyAllAsids(p);
}
