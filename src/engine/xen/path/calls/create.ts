import { branch, call, cocoRfc, driverRfc, upstream } from './call';

/** `xl create`, up to the domain and its ASID, in the order of the calls (xen.md D). */
export const CREATE_CALLS = {
  main_create: upstream('xl', 'tools/xl/xl_vmcontrol.c'),
  create_domain: upstream('xl', 'tools/xl/xl_vmcontrol.c'),
  parse_config_data: upstream('xl', 'tools/xl/xl_parse.c', {
    note: 'a key that it does not know changes nothing and is not reported',
  }),
  'parse_config_data: coco': cocoRfc('xl', 'tools/xl/xl_parse.c', { note: 'fills b_info.coco' }),
  'parse_config_data: sev_policy, x2apic_mode, fixed_mem_layout': branch('xl', 'tools/xl/xl_parse.c'),
  libxl_domain_create_new: upstream('libxl', 'tools/libs/light/libxl_create.c'),
  do_domain_create: upstream('libxl', 'tools/libs/light/libxl_create.c'),
  initiate_domain_create: upstream('libxl', 'tools/libs/light/libxl_create.c'),
  libxl__domain_config_setdefault: upstream('libxl', 'tools/libs/light/libxl_create.c'),
  libxl__domain_make: upstream('libxl', 'tools/libs/light/libxl_create.c', {
    note: 'fills struct xen_domctl_createdomain; the RFC adds its flag here',
  }),
  libxl__arch_domain_prepare_config: upstream('libxl', 'tools/libs/light/libxl_x86.c', {
    note: 'which devices Xen emulates; in the branch also the SEV policy',
  }),
  xc_domain_create: upstream('libxc', 'tools/libs/ctrl/xc_domain.c'),
  XEN_DOMCTL_createdomain: upstream('hypercall', 'xen/include/public/domctl.h', {
    note: 'domctl 1, by hypercall 36',
  }),
  do_domctl: upstream('xen', 'xen/common/domctl.c'),
  sanitise_domain_config: upstream('xen', 'xen/common/domain.c'),
  arch_sanitise_domain_config: upstream('xen', 'xen/arch/x86/domain.c', {
    note: 'where the RFC checks what an encrypted guest needs',
    refuses: ['EINVAL'],
  }),
  domain_create: upstream('xen', 'xen/common/domain.c'),
  coco_set_domain_ops: cocoRfc('xen', 'xen/common/coco.c'),
  arch_domain_create: upstream('xen', 'xen/arch/x86/domain.c'),
  hvm_domain_initialise: upstream('xen', 'xen/arch/x86/hvm/hvm.c'),
  'hvm_asid_alloc / coco asid_alloc': call(
    'xen',
    'xen/arch/x86/hvm/asid.c',
    'rfc',
    'xen-devel 2026-04-15 (hvm_asid_alloc), 2025-05-16 (coco_domain_ops.asid_alloc)',
    { note: 'any number for an ordinary guest, one of its range for an encrypted one', refuses: ['ENOSPC'] },
  ),
  paging_enable: upstream('xen', 'xen/arch/x86/mm/paging.c', { note: 'the p2m and the nested page tables' }),
  svm_domain_initialise: upstream('svm', 'xen/arch/x86/hvm/svm/svm.c'),
  sev_domain_initialise: cocoRfc('svm', 'xen/arch/x86/coco/sev.c', {
    note: 'a handle and a key, bound to the ASID',
    aspCommands: ['LAUNCH_START', 'ACTIVATE'],
  }),
  snp_domain_initialise: branch('svm', 'xen/arch/x86/coco/sev.c', {
    note: 'the same for SNP, with a guest context page',
    aspCommands: ['SNP_GCTX_CREATE', 'SNP_LAUNCH_START', 'SNP_ACTIVATE'],
    alternativeTo: 'sev_domain_initialise',
  }),
  'sev_do_cmd(LAUNCH_START)': driverRfc('asp-driver', 'xen/drivers/crypto/asp.c'),
  'CmdResp = 0x30 << 16': call('mailbox', '(hardware)', 'hardware', 'torvalds/linux include/linux/psp-sev.h'),
  LAUNCH_START: call('firmware', '(firmware)', 'hardware', 'amd/AMD-ASPFW', {
    note: 'makes handle and key; the platform is WORKING from here on',
  }),
  'sev_do_cmd(ACTIVATE)': driverRfc('asp-driver', 'xen/drivers/crypto/asp.c'),
  ACTIVATE: call('firmware', '(firmware)', 'hardware', 'amd/AMD-ASPFW', {
    note: 'the key goes into the slot of this ASID',
    refuses: ['INVALID_ASID', 'ASID_OWNED', 'DFFLUSH_REQUIRED'],
  }),
} as const;
