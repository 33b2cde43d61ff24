import type { Call } from '../call';
import type { Check } from '../command';
import { writableStatus } from '../snp/pages';
import { type Buffer, lengthOf } from './address';

/**
 * With SNP initialised the firmware writes only to pages in Firmware or Default state (AMD-ASPFW sev_rmp.c:
 * check_page_range_firmware_writable). The host has to make them so, and takes them back with SNP_PAGE_RECLAIM.
 */
export const writable = (what: string, ...buffers: readonly Buffer[]): Check =>
  writableIf(() => true, what, ...buffers);

/** The same where the buffer is used only sometimes. */
export const writableIf = (
  used: (call: Call) => boolean,
  what: string,
  ...buffers: readonly Buffer[]
): Check => ({
  id: 'asp.firmware-writable',
  says: `with SNP initialised: a page of ${what} is neither Firmware nor Default`,
  status: 'INVALID_PAGE_STATE',
  source: 'AMD-ASPFW sev_rmp.c (check_page_range_firmware_writable)',
  holds: (call) => {
    if (call.platform.snp === 'UNINIT' || !used(call)) return false;
    for (const [address, length] of buffers) {
      const status = writableStatus(call.p, call.address(address), lengthOf(call, length));
      if (status) return status;
    }
    return false;
  },
});
