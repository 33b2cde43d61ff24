import type { Check } from '../command';

/**
 * With SNP initialised the firmware writes only to pages in Firmware or Default state (AMD-ASPFW sev_rmp.c:
 * check_page_range_firmware_writable). This machine's firmware has no SNP part yet, so there is nothing to look up: the
 * check keeps its place in the order.
 */
export const writable = (what: string): Check => ({
  id: 'asp.firmware-writable',
  says: `with SNP initialised: a page of ${what} is neither Firmware nor Default`,
  status: 'INVALID_PAGE_STATE',
  source: 'AMD-ASPFW sev_rmp.c (check_page_range_firmware_writable)',
  holds: () => false,
});
