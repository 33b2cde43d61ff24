import { PAGE_SIZE } from '../../core/address';
import { fromHex, u32 } from '../../core/bytes';
import type { Platform } from '../../core/platform';
import type { ContextCell } from '../../core/snpCells';
import { PROCESSOR_SIGNATURES } from '../../cpu/signature';
import { tweakBitmap } from '../../cpu/vmsaTweak';
import { secretOf } from './secretSource';
import { TSC_FACTOR } from './secureTsc';

/** Where a guest finds what the firmware tells it at launch (AMD-ASPFW sev_mcmd.h: snp_launch_update_secrets_page). */
const SECRETS_AT = {
  version: 0x00,
  imi: 0x04,
  signature: 0x08,
  gosvw: 0x10,
  vmpck: 0x20,
  tweakBitmap: 0x100,
  tscFactor: 0x160,
} as const;

const VERSION = 3;
const KEY_BYTES = 32;

/** The secrets page of a guest, 4096 bytes, with its keys: only for writing it under the guest’s key. */
export function secretsPage(p: Platform, guest: ContextCell): Uint8Array {
  const page = new Uint8Array(PAGE_SIZE);
  page.set(u32(VERSION), SECRETS_AT.version);
  page.set(u32(guest.imi ? 1 : 0), SECRETS_AT.imi);
  page.set(u32(PROCESSOR_SIGNATURES[p.config.generation]), SECRETS_AT.signature);
  page.set(fromHex(guest.gosvw), SECRETS_AT.gosvw);
  for (const [i, source] of (guest.keys?.vmpck ?? []).entries())
    page.set(secretOf(p, source), SECRETS_AT.vmpck + i * KEY_BYTES);
  page.set(tweakBitmap(), SECRETS_AT.tweakBitmap);
  page.set(u32(TSC_FACTOR), SECRETS_AT.tscFactor);
  return page;
}
