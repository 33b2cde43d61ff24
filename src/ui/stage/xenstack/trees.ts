import type { XenTree } from '../../../engine/core/config';
import type { Status } from '../../../engine/core/status';

/** The Xens that a machine can run, in words, and where each stands. */
export const TREES: Readonly<Record<XenTree, { readonly name: string; readonly status: Status }>> = {
  upstream: { name: 'today’s Xen', status: 'upstream' },
  'rfc-2025-05': { name: 'the series of May 2025', status: 'rfc' },
  'branch-2024-10': { name: 'the branch of October 2024', status: 'branch' },
  'branch-coco': { name: 'the branch with SEV-ES and SNP', status: 'branch' },
  project: { name: 'this project’s completion', status: 'hypothetical' },
};
