import { call, driverRfc, upstream } from './call';

/** What Xen does when the host boots, in the order of the calls (xen.md D). */
export const BOOT_CALLS = {
  start_svm: upstream('xen', 'xen/arch/x86/hvm/svm/svm.c', {
    note: 'finds SVM and installs its table of functions',
  }),
  _svm_cpu_up: upstream('xen', 'xen/arch/x86/hvm/svm/svm.c', { note: 'on every CPU as it comes up' }),
  svm_asid_init: upstream('xen', 'xen/arch/x86/hvm/svm/asid.c', {
    note: "starts this CPU's allocator; no ASIDs with erratum 170",
  }),
  hvm_asid_init: call(
    'xen',
    'xen/arch/x86/hvm/asid.c',
    'rfc',
    'xen-devel, "[RFC PATCH 0/7] x86: Use a single fixed ASID per domain", 2026-04-15',
    { note: 'one bitmap for all CPUs, 0 and 1 taken for good' },
  ),
  amd_enable_mem_encrypt: driverRfc('xen', 'xen/arch/x86/cpu/amd.c', {
    note: 'sets SYSCFG bit 23 on every CPU',
  }),
  amd_sp_probe: driverRfc('asp-driver', 'xen/drivers/crypto/asp.c', {
    note: 'looks for the ASP on the PCI buses of segment 0',
  }),
  sp_dev_create: driverRfc('asp-driver', 'xen/drivers/crypto/asp.c', {
    note: 'maps BAR 2, sets up MSI and the command buffer, hides the device from dom0',
  }),
  sp_dev_init: driverRfc('asp-driver', 'xen/drivers/crypto/asp.c', {
    note: 'status, INIT, write-back and flush, status again',
    aspCommands: ['PLATFORM_STATUS', 'INIT', 'DF_FLUSH', 'PLATFORM_STATUS'],
  }),
  sev_do_cmd: driverRfc('asp-driver', 'xen/drivers/crypto/asp.c', {
    note: 'one command through the mailbox, and its status',
  }),
  'CmdBufAddr_Lo/Hi, CmdResp': call(
    'mailbox',
    '(hardware)',
    'hardware',
    'torvalds/linux drivers/crypto/ccp/sp-pci.c, sev-dev.c',
    { note: 'C2PMSG registers 56, 57 and 32' },
  ),
} as const;
