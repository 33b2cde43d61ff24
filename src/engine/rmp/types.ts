/**
 * What a page is to the firmware: a name for the fields of its entry (AMD-ASPFW sev_rmp.c: rmp_entry_get_state, whose order
 * of tests this is).
 */
export const PAGE_STATES = [
  'Default',
  'Hypervisor',
  'HV-fixed',
  'Firmware',
  'Context',
  'Metadata',
  'Firmware-IOMMU',
  'Reclaim',
  'Pre-Guest',
  'Pre-Swap',
  'Guest-Invalid',
  'Guest-Valid',
  'Invalid',
] as const;
export type PageState = (typeof PAGE_STATES)[number];
