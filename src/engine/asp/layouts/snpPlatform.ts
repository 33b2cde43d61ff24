import { RESERVED, type Row } from './row';

/** The command buffers of the SNP platform (AMD-ASPFW sev_mcmd.h; Linux include/uapi/linux/psp-sev.h, include/linux/psp-sev.h). */
export const SNP_PLATFORM_ROWS = {
  SNP_INIT: [],
  SNP_SHUTDOWN: [],
  SNP_PLATFORM_STATUS: [['STATUS_PADDR', 8, 'output: 0x20 bytes']],
  SNP_DF_FLUSH: [],
  SNP_INIT_EX: [
    ['FLAGS', 4, 'bit 0 INIT_RMP: write the RMP; bit 1 LIST_PADDR_EN; the others 0'],
    ['reserved', 4, RESERVED],
    ['LIST_PADDR', 8, 'list of ranges that stay the hypervisor’s for ever'],
    ['reserved2', 0x30, RESERVED],
  ],
  SNP_SHUTDOWN_EX: [
    ['LENGTH', 4, '8, the size of this structure'],
    ['FLAGS', 4, 'bit 0 IOMMU_SNP_SHUTDOWN; bit 1 X86_SNP_SHUTDOWN; the others 0'],
  ],
  SNP_CONFIG: [
    ['REPORTED_TCB', 8, 'TCB version that reports name; 0: the committed one'],
    ['FLAGS', 4, 'bit 0 MASK_CHIP_ID; bit 1 MASK_CHIP_KEY; the others 0'],
    ['reserved', 0x34, RESERVED],
  ],
  SNP_DOWNLOAD_FIRMWARE_EX: [
    ['LENGTH', 4, 'the size of this structure; nobody looks'],
    ['reserved', 4, RESERVED],
    ['FW_PADDR', 8, 'the image, 32-byte aligned'],
    ['FW_LEN', 4, 'its bytes'],
    ['FLAGS', 4, 'bit 0 COMMIT; the others 0'],
  ],
  SNP_COMMIT: [['LENGTH', 4, '4, the size of this structure']],
  SNP_DLFW_CONTINUE: [],
  SNP_VLEK_LOAD: [
    ['LENGTH', 4, '0x10, the size of this structure'],
    ['VLEK_WRAPPED_VERSION', 1, '0'],
    ['reserved', 3, RESERVED],
    ['VLEK_WRAPPED_PADDR', 8, 'the wrapped key, 0x1b0 bytes'],
  ],
  SNP_FEATURE_INFO: [
    ['LENGTH', 4, '0x10, the size of this structure'],
    ['ECX_IN', 4, 'which sub-function: 0 or 1'],
    ['FEATURE_INFO_PADDR', 8, 'output: EAX, EBX, ECX, EDX'],
  ],
} as const satisfies Record<string, readonly Row[]>;
