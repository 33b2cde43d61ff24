import { XEN_TREES, type XenTree } from '../../engine/core/config';
import { STATUSES, TREE_STATUS } from '../../engine/core/status';

const WORDS: Readonly<Record<XenTree, { readonly title: string; readonly means: string }>> = {
  upstream: {
    title: 'Today’s Xen',
    means:
      'No driver for the secure processor, and xl has no key that asks for encryption: every guest is an ordinary one.',
  },
  'rfc-2025-05': {
    title: 'The RFC of May 2025',
    means: 'coco = 1 asks for an encrypted guest. The ASID of a dead one is never given out again.',
  },
  'branch-2024-10': {
    title: 'The branch of October 2024',
    means: 'sev = 1 asks for an encrypted guest. The ASID of a dead one is never given out again.',
  },
  'branch-coco': {
    title: 'The branch with SEV-ES and SNP',
    means:
      'coco = 1, and a policy with sev_policy. The flushes when a guest dies make its ASID free for the next one.',
  },
  project: {
    title: 'This project’s completion',
    means: 'The branch with SEV-ES and SNP, and sev_type, which names the kind of guest.',
  },
};

/** The Xens that a machine can run, with what each means and where it stands. */
export const XENS = XEN_TREES.map((value) => ({ value, title: WORDS[value].title }));

/** What a Xen means for guests, and how public it is. */
export const meaningOf = (xen: XenTree): string =>
  `${WORDS[xen].means} Standing: ${STATUSES[TREE_STATUS[xen]]}.`;
