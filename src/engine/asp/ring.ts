import type { Platform } from '../core/platform';
import { patchPlatform, platformOf } from './platform';
import { reclaimPage } from './snp/pages';

/**
 * Ring-buffer mode ends. The status pages, which the firmware wrote, are given back with it (AMD-ASPFW sev_rmp.c:
 * snp_reclaim_buffer).
 */
export function leaveRing(p: Platform): void {
  const { ring } = platformOf(p);
  if (!ring) return;
  patchPlatform(p, { ring: null });
  for (const page of [ring.highStatus, ring.lowStatus]) if (page !== null) reclaimPage(p, BigInt(page));
}
