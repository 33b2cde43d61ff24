import { branch, call, cocoRfc, upstream } from './call';

const OWNERS_BRANCH = 'xcp-ng/xen 275d07e487: xen/include/public/hvm/coco.h';

const FIXED_ASID =
  'xen-devel, "[RFC PATCH 0/7] x86: Use a single fixed ASID per domain", 2026-04-15; ranges 2025-05-16';

/** Hypercalls with which a branch lets a guest’s owner look before the guest runs (xen.md D.3). */
const owners = (note: string, aspCommands: readonly string[]) =>
  call('hypercall', 'xen/include/public/hvm/coco.h', 'branch', OWNERS_BRANCH, { note, aspCommands });

/** Functions that the text names between those of the path, or beside it (xen.md A.3, A.4, D.1, D.2). */
export const MORE_CALLS = {
  vcpu_hvm: upstream('libxenguest', 'tools/libs/guest/xg_dom_x86.c', {
    note: 'the first registers of the first vCPU',
  }),
  XEN_DOMCTL_sethvmcontext: upstream('hypercall', 'xen/include/public/domctl.h', { note: 'domctl 34' }),
  domcreate_bootloader_done: upstream('libxl', 'tools/libs/light/libxl_create.c'),
  coco_domain_initialise: cocoRfc('xen', 'xen/common/coco.c', {
    note: 'calls what the platform does for it',
  }),
  XEN_COCO_platform_status: cocoRfc('hypercall', 'xen/include/public/hvm/coco.h', {
    note: 'hypercall 43, subop 0',
    aspCommands: ['PLATFORM_STATUS'],
  }),
  XEN_COCO_platform_get_certificates: owners('subop 3: what proves the platform to a guest’s owner', [
    'PDH_CERT_EXPORT',
    'GET_ID',
  ]),
  XEN_COCO_domain_finish_initial_mem: owners('subop 8: the measurement before the guest runs', [
    'LAUNCH_MEASURE',
  ]),
  XEN_COCO_domain_update_secrets: owners('subop 9: a secret from the guest’s owner', ['LAUNCH_SECRET']),
  xc_coco_set_identity: call(
    'libxc',
    'tools/libs/ctrl',
    'hypothetical',
    'this project: nobody proposes how Xen is told of an ID block',
  ),
  XEN_COCO_domain_set_identity: call(
    'hypercall',
    'xen/include/public/hvm/coco.h',
    'hypothetical',
    'this project: nobody proposes how Xen is told of an ID block',
    { note: 'what SNP_LAUNCH_FINISH is to compare, and what reports tell of the host' },
  ),
  hvm_asid_flush_vcpu: upstream('xen', 'xen/arch/x86/hvm/asid.c', {
    note: 'this vCPU takes a new number at its next VMRUN',
  }),
  hvm_asid_flush_core: upstream('xen', 'xen/arch/x86/hvm/asid.c', {
    note: 'so does every vCPU on this CPU',
  }),
  switch_cr3_cr4: upstream('xen', 'xen/arch/x86/flushtlb.c', {
    note: 'loads page tables, and with them begins a generation',
  }),
  guest_flush_tlb_mask: upstream('xen', 'xen/arch/x86/flushtlb.c', {
    note: 'after a change of the p2m, on the CPUs where the domain may be loaded',
  }),
  svm_update_guest_cr: upstream('svm', 'xen/arch/x86/hvm/svm/svm.c', {
    note: 'a CR3 write that Xen intercepts, which with HAP it does not',
  }),
  svm_sync_vmcb: upstream('svm', 'xen/arch/x86/hvm/svm/svm.c', {
    note: 'VMLOAD and VMSAVE only when somebody needs them; not with SEV-ES',
  }),
  __start_xen: upstream('xen', 'xen/arch/x86/setup.c', {
    note: 'takes the memory and builds its own tables',
  }),
  main_pause: upstream('xl', 'tools/xl/xl_vmcontrol.c'),
  main_unpause: upstream('xl', 'tools/xl/xl_vmcontrol.c'),
  libxl_domain_pause: upstream('libxl', 'tools/libs/light/libxl_domain.c'),
  xc_domain_pause: upstream('libxc', 'tools/libs/ctrl/xc_domain.c'),
  XEN_DOMCTL_pausedomain: upstream('hypercall', 'xen/include/public/domctl.h', { note: 'domctl 3' }),
  domain_pause_by_systemcontroller: upstream('xen', 'xen/common/domain.c'),
  main_migrate: upstream('xl', 'tools/xl/xl_migrate.c'),
  libxl_domain_suspend: upstream('libxl', 'tools/libs/light/libxl_domain.c', {
    note: 'upstream it copies frames; of an encrypted guest that would be ciphertext',
  }),
  libxl__domain_save: upstream('libxl', 'tools/libs/light/libxl_dom_save.c'),
  alloc_domheap_pages: upstream('xen', 'xen/common/page_alloc.c', {
    note: 'aligned to their number; the driver takes the trusted memory region here',
  }),
  'SEV-ES: trusted memory region, INIT': branch('asp-driver', 'xen/drivers/crypto/asp.c', {
    note: 'INIT with the flag for SEV-ES, and a megabyte for the checksums of VMSAs',
    aspCommands: ['INIT'],
  }),
  free_domheap_pages: upstream('xen', 'xen/common/page_alloc.c', {
    note: 'a dying domain’s pages are scrubbed',
  }),
  hvm_asid_alloc: call('xen', 'xen/arch/x86/hvm/asid.c', 'rfc', FIXED_ASID, {
    note: 'any number, or the shared one',
  }),
  hvm_asid_alloc_range: call('xen', 'xen/arch/x86/hvm/asid.c', 'rfc', FIXED_ASID, {
    note: 'a number of the encrypted guest’s own range, or none',
  }),
  'flush_all(FLUSH_CACHE_EVICT)': call('xen', 'xen/arch/x86/flushtlb.c', 'branch', 'xcp-ng/xen ec8fcc8e10', {
    note: 'WBINVD on every CPU, when an encrypted guest has gone',
  }),
  sp_dev_destroy: call(
    'asp-driver',
    'xen/drivers/crypto/asp.c',
    'hypothetical',
    'this project, after Linux drivers/crypto/ccp/sev-dev.c',
    {
      note: 'shuts the platform down; the RFC has only the start of it',
      aspCommands: ['SHUTDOWN', 'DF_FLUSH'],
    },
  ),
} as const;
