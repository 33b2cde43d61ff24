import { branch, call, cocoRfc, upstream } from './call';

/** The vCPUs and their VMCBs, in the order of the calls (xen.md D). */
export const VCPUS_CALLS = {
  libxl__build_pre: upstream('libxl', 'tools/libs/light/libxl_dom.c'),
  xc_domain_max_vcpus: upstream('libxc', 'tools/libs/ctrl/xc_domain.c'),
  XEN_DOMCTL_max_vcpus: upstream('hypercall', 'xen/include/public/domctl.h', { note: 'domctl 15' }),
  vcpu_create: upstream('xen', 'xen/common/domain.c'),
  arch_vcpu_create: upstream('xen', 'xen/arch/x86/domain.c'),
  hvm_vcpu_initialise: upstream('xen', 'xen/arch/x86/hvm/hvm.c'),
  svm_vcpu_initialise: upstream('svm', 'xen/arch/x86/hvm/svm/svm.c'),
  svm_create_vmcb: upstream('svm', 'xen/arch/x86/hvm/svm/vmcb.c'),
  construct_vmcb: upstream('svm', 'xen/arch/x86/hvm/svm/vmcb.c'),
  'svm_create_vmcb: NP_CONTROL.SEV': cocoRfc('svm', 'xen/arch/x86/hvm/svm/vmcb.c', {
    note: 'bit 1 of VMCB offset 90h',
  }),
  svm_vcpu_assign_asid: call('svm', 'xen/arch/x86/hvm/svm/asid.c', 'rfc', 'xen-devel, 2026-04-15', {
    note: "VMCB.ASID, once for the vCPU's whole life",
  }),
  'SEV-ES: VMSA page, NP_CONTROL.SEV_ES': branch('svm', 'xen/arch/x86/coco/sev.c', {
    note: 'bit 2 of VMCB offset 90h; VMSA pointer at 108h, GHCB at A0h',
  }),
} as const;
