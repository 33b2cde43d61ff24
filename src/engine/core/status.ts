import type { XenTree } from './config';

/** How a piece of the Xen stack stands in public; nothing proposed may look as if it were upstream. */
export type Status =
  | 'upstream'
  | 'rfc'
  | 'branch'
  | 'hypothetical'
  | 'upstream-historical'
  | 'linux'
  | 'hardware';

/** Where each Xen that a machine can run stands. */
export const TREE_STATUS: Readonly<Record<XenTree, Status>> = {
  upstream: 'upstream',
  'rfc-2025-05': 'rfc',
  'branch-2024-10': 'branch',
  'branch-coco': 'branch',
  project: 'hypothetical',
};

/** What each status means, for a legend. */
export const STATUSES: Readonly<Record<Status, string>> = {
  upstream: 'in xen-project/xen, staging, c447b7308b of 2026-08-20',
  rfc: 'posted to xen-devel, not merged',
  branch: 'in a public branch of xcp-ng/xen or v-thakkar/xen, never posted in this form',
  hypothetical: 'a design choice of this project',
  'upstream-historical': 'was upstream and has been corrected since',
  linux: 'Linux KVM, for comparison',
  hardware: 'an interface of hardware or firmware, whatever Xen does',
};
