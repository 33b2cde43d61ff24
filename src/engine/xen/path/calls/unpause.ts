import { branch, cocoRfc, upstream } from './call';

/** The first unpause, which ends the launch, in the order of the calls (xen.md D). */
export const UNPAUSE_CALLS = {
  libxl_domain_unpause: upstream('libxl', 'tools/libs/light/libxl_domain.c'),
  xc_domain_unpause: upstream('libxc', 'tools/libs/ctrl/xc_domain.c'),
  XEN_DOMCTL_unpausedomain: upstream('hypercall', 'xen/include/public/domctl.h', { note: 'domctl 4' }),
  domain_unpause_by_systemcontroller: upstream('xen', 'xen/common/domain.c', {
    note: 'the first time, creation ends here',
  }),
  arch_domain_creation_finished: upstream('xen', 'xen/arch/x86/domain.c'),
  hvm_domain_creation_finished: upstream('xen', 'xen/arch/x86/include/asm/hvm/hvm.h', {
    note: 'upstream only VMX has something to do here',
  }),
  'VMSA from VMCB, LAUNCH_UPDATE_VMSA': branch('svm', 'xen/arch/x86/coco/sev.c', {
    note: 'SEV-ES: the first registers are encrypted and measured too',
    aspCommands: ['LAUNCH_UPDATE_VMSA'],
  }),
  snp_domain_creation_finished: branch('svm', 'xen/arch/x86/coco/sev.c', {
    note: "the vCPUs' pages, then the end of the launch",
    aspCommands: ['SNP_LAUNCH_UPDATE', 'SNP_LAUNCH_FINISH'],
    alternativeTo: 'coco_domain_creation_finished',
  }),
  coco_domain_creation_finished: cocoRfc('svm', 'xen/arch/x86/coco/sev.c', {
    note: 'nothing between the two: no owner could check and hand over a secret',
    aspCommands: ['LAUNCH_MEASURE', 'LAUNCH_FINISH'],
  }),
} as const;
