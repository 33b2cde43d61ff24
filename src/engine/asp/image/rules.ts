import type { Rule } from '../../core/fault';

/** What a firmware image has to be for its guest to be launched and measured. */
export const IMAGE_RULES = {
  table: {
    id: 'image.table',
    says: 'The GUIDed table of a firmware image lies within the image, and each entry within the table.',
    source: 'edk2 OvmfPkg/ResetVector/Ia16/ResetVectorVtf0.asm; virtee/sev-snp-measure ovmf.py',
    standing: 'published',
  },
  hashes: {
    id: 'image.kernel-hashes',
    says: 'A kernel that is loaded beside the firmware is measured through a table of hashes, for which the image has to name a place.',
    source: 'QEMU target/i386/sev.c; virtee/sev-snp-measure ovmf.py',
    standing: 'published',
  },
  reset: {
    id: 'image.reset-block',
    says: 'With encrypted register state the image names the address at which further processors start.',
    source: 'QEMU target/i386/sev.c; virtee/sev-snp-measure ovmf.py',
    standing: 'published',
  },
} as const satisfies Record<string, Rule>;
