import { RESERVED, type Row } from './row';

const CONTEXT = ['GCTX_PADDR', 8, 'the guest: its context page'] as const satisfies Row;

/** The command buffers for pages of SNP (AMD-ASPFW sev_mcmd.h; Linux include/linux/psp-sev.h). */
export const SNP_PAGE_ROWS = {
  SNP_PAGE_SWAP_OUT: [
    CONTEXT,
    ['SRC_PADDR', 8, 'the guest’s page, or a metadata page'],
    ['DST_PADDR', 8, 'where its encrypted copy goes'],
    ['MDATA_PADDR', 8, 'metadata entry, 64-byte aligned'],
    ['SOFTWARE_DATA', 8, 'what the host wants to keep in the entry'],
    [
      'FLAGS',
      8,
      'bit 0 PAGE_SIZE; bits 2:1 PAGE_TYPE: 0 data, 1 metadata, 2 VMSA; bit 4 ROOT_MDATA_EN; the others 0',
    ],
  ],
  SNP_PAGE_SWAP_IN: [
    CONTEXT,
    ['SRC_PADDR', 8, 'the encrypted copy'],
    ['DST_PADDR', 8, 'the page that takes it'],
    ['MDATA_PADDR', 8, 'metadata entry, 64-byte aligned'],
    ['reserved', 8, RESERVED],
    ['FLAGS', 8, 'as SNP_PAGE_SWAP_OUT; bit 3 SWAP_IN_PLACE'],
  ],
  SNP_PAGE_MOVE: [
    CONTEXT,
    ['FLAGS', 4, 'bit 0 PAGE_SIZE: 2 MiB; the others 0'],
    ['reserved', 4, RESERVED],
    ['SRC_PADDR', 8, 'where the page is'],
    ['DST_PADDR', 8, 'where it goes'],
  ],
  SNP_PAGE_MD_INIT: [CONTEXT, ['PAGE_PADDR', 8, 'the firmware page that becomes a metadata page']],
  SNP_PAGE_SET_STATE: [
    ['LENGTH', 4, '0x10, the size of this structure'],
    ['reserved', 4, RESERVED],
    ['LIST_PADDR', 8, 'list of ranges that become the hypervisor’s for ever'],
  ],
  SNP_PAGE_RECLAIM: [['PAGE_PADDR', 8, 'the page; bit 0 its size: 2 MiB']],
  SNP_PAGE_UNSMASH: [['PAGE_PADDR', 8, '2 MiB whose 512 pages become one']],
} as const satisfies Record<string, readonly Row[]>;
