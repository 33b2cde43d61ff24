import type { Platform } from '../../core/platform';
import { clearWbinvd } from '../../cpu/wbinvd';
import { releaseAsid } from '../asids';
import type { RawAddress } from '../memory';
import { contextOf, eraseContext } from './context';
import { setPage } from './pages';
import { patchSnp, snpOf } from './state';

/**
 * The guest ends: its ASID is given back, its context is erased, and the page is Firmware again (AMD-ASPFW sev_mcmd.c:
 * snp_decommission_common).
 */
export function decommission(p: Platform, raw: RawAddress): void {
  const { asid, state } = contextOf(p, raw);
  if (asid !== 0) clearWbinvd(p, releaseAsid(p, asid));
  if (state !== 'INIT') patchSnp(p, { guests: Math.max(0, snpOf(p).guests - 1) });
  eraseContext(p, raw);
  setPage(p, raw, { vmsa: false });
}
