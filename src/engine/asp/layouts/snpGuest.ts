import { RESERVED, type Row } from './row';

const CONTEXT = ['GCTX_PADDR', 8, 'the guest: its context page'] as const satisfies Row;

/** The command buffers for SNP guests (AMD-ASPFW sev_mcmd.h; Linux include/linux/psp-sev.h). */
export const SNP_GUEST_ROWS = {
  SNP_DECOMMISSION: [CONTEXT],
  SNP_ACTIVATE: [CONTEXT, ['ASID', 4, 'below MIN_SEV_ASID']],
  SNP_GUEST_STATUS: [CONTEXT, ['STATUS_PADDR', 8, 'output: 0x20 bytes']],
  SNP_GCTX_CREATE: [['GCTX_PADDR', 8, 'the page that becomes the context of a new guest']],
  SNP_GUEST_REQUEST: [
    CONTEXT,
    ['REQUEST_PADDR', 8, 'the guest’s message'],
    ['RESPONSE_PADDR', 8, 'page for the answer'],
  ],
  SNP_ACTIVATE_EX: [
    ['LENGTH', 4, '0x20, the size of this structure'],
    ['reserved', 4, RESERVED],
    CONTEXT,
    ['ASID', 4, 'below MIN_SEV_ASID'],
    ['NUMIDS', 4, 'APIC ids in the list: 1 to 1024'],
    ['IDS_PADDR', 8, 'the list, 32 bits each'],
  ],
  SNP_LAUNCH_START: [
    CONTEXT,
    ['POLICY', 8, 'guest policy'],
    ['MA_GCTX_PADDR', 8, 'its migration agent: that one’s context page'],
    [
      'FLAGS',
      4,
      'bit 0 MA_EN: it has an agent; bit 1 IMI_EN: it waits to absorb another guest; the others 0',
    ],
    ['DESIRED_TSC_FREQ', 4, 'kHz; 0: none'],
    ['GOSVW', 0x10, 'guest-OS-visible workarounds'],
  ],
  SNP_LAUNCH_UPDATE: [
    CONTEXT,
    ['FLAGS', 4, 'bit 0 PAGE_SIZE: 2 MiB; bits 3:1 PAGE_TYPE; bit 4 IMI_PAGE; the others 0'],
    ['reserved', 4, RESERVED],
    ['PAGE_PADDR', 8, 'the page'],
    ['VMPL_PERMS', 8, 'bits 15:8 VMPL1, 23:16 VMPL2, 31:24 VMPL3; the others 0'],
  ],
  SNP_LAUNCH_FINISH: [
    CONTEXT,
    ['ID_BLOCK_PADDR', 8, 'the ID block, 0x60 bytes'],
    ['ID_AUTH_PADDR', 8, 'who vouches for it, 4096 bytes'],
    ['FLAGS', 8, 'bit 0 ID_BLOCK_EN; bit 1 AUTH_KEY_EN; bit 2 VCEK_DIS; the others 0'],
    ['HOST_DATA', 0x20, 'what reports tell of the host'],
  ],
  SNP_DBG_DECRYPT: [CONTEXT, ['SRC_PADDR', 8, '4 KiB of the guest'], ['DST_PADDR', 8, 'a firmware page']],
  SNP_DBG_ENCRYPT: [CONTEXT, ['SRC_PADDR', 8, '4 KiB of the host'], ['DST_PADDR', 8, '4 KiB of the guest']],
} as const satisfies Record<string, readonly Row[]>;
