import { branch, call, cocoRfc, upstream } from './call';

/** `xl destroy`, up to the free ASID, in the order of the calls (xen.md D). */
export const DESTROY_CALLS = {
  main_destroy: upstream('xl', 'tools/xl/xl_vmcontrol.c'),
  libxl_domain_destroy: upstream('libxl', 'tools/libs/light/libxl_domain.c'),
  libxl__domain_destroy: upstream('libxl', 'tools/libs/light/libxl_domain.c'),
  libxl__destroy_domid: upstream('libxl', 'tools/libs/light/libxl_domain.c'),
  xc_domain_destroy: upstream('libxc', 'tools/libs/ctrl/xc_domain.c'),
  XEN_DOMCTL_destroydomain: upstream('hypercall', 'xen/include/public/domctl.h', { note: 'domctl 2' }),
  domain_kill: upstream('xen', 'xen/common/domain.c'),
  domain_teardown: upstream('xen', 'xen/common/domain.c'),
  evtchn_destroy: upstream('xen', 'xen/common/event_channel.c'),
  domain_relinquish_resources: upstream('xen', 'xen/arch/x86/domain.c', {
    note: 'frees the pages, called again until all are',
  }),
  hvm_domain_relinquish_resources: upstream('xen', 'xen/arch/x86/hvm/hvm.c'),
  'SNP: SNP_PAGE_RECLAIM, RMPUPDATE': branch('svm', 'xen/arch/x86/coco/sev.c', {
    note: 'back to the hypervisor first; a page that does not come back is put out of use',
    aspCommands: ['SNP_PAGE_RECLAIM'],
  }),
  complete_domain_destroy: upstream('xen', 'xen/common/domain.c', {
    note: 'after the last reference, by RCU',
  }),
  arch_domain_destroy: upstream('xen', 'xen/arch/x86/domain.c'),
  hvm_domain_destroy: upstream('xen', 'xen/arch/x86/hvm/hvm.c'),
  coco_domain_destroy: cocoRfc('svm', 'xen/arch/x86/coco/sev.c', {
    note: 'no flush, and so the ASID is never used again',
    aspCommands: ['DEACTIVATE', 'DECOMMISSION'],
  }),
  snp_domain_destroy: branch('svm', 'xen/arch/x86/coco/sev.c', {
    note: 'write back on all CPUs, flush, and only then the ASID is free',
    aspCommands: ['SNP_DECOMMISSION', 'SNP_DF_FLUSH'],
  }),
  'sev_domain_destroy with flushes': branch('svm', 'xen/arch/x86/coco/sev.c', {
    note: "write back on all CPUs and flush before the ASID is free; the function's name is not certain",
    aspCommands: ['DEACTIVATE', 'DF_FLUSH', 'DECOMMISSION'],
  }),
  hvm_asid_free: call('xen', 'xen/arch/x86/hvm/asid.c', 'rfc', 'xen-devel, 2026-04-15'),
} as const;
