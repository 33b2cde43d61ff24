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
  metadata: {
    id: 'image.sev-metadata',
    says: 'The SEV metadata that the table of a firmware image points to lie within the image: ASEV, their size, version 1, and so many sections.',
    source: 'edk2 OvmfPkg/ResetVector/X64/OvmfSevMetadata.asm; virtee/sev-snp-measure ovmf.py',
    standing: 'published',
  },
  section: {
    id: 'image.sev-section',
    says: 'A section of the SEV metadata is of a known kind, starts at a page and is a whole number of pages long.',
    source: 'edk2 OvmfPkg/ResetVector/X64/OvmfSevMetadata.asm; virtee/sev-snp-measure guest.py, gctx.py',
    standing: 'published',
  },
  pages: {
    id: 'image.whole-pages',
    says: 'The firmware measures an SNP guest page by page, so its image is a whole number of pages, with its last byte at 4 GiB − 1.',
    source: 'virtee/sev-snp-measure gctx.py, ovmf.py; AMD-ASPFW sev_mcmd.c (snp_mcmd_launch_update)',
    standing: 'published',
  },
  size: {
    id: 'image.measured-size',
    says: 'An image is at most 1 GiB long, and its SEV metadata name at most 1024 sections of together 64 MiB.',
    source:
      'modelled: real ones are some MiB and some hundred KiB; more is a slip, or meant to exhaust the machine',
    standing: 'modelled',
  },
} as const satisfies Record<string, Rule>;
