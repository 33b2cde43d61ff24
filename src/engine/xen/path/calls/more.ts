import { cocoRfc, upstream } from './call';

/** Functions that the text names between those of the path, or beside it (xen.md A.3, A.4, D.1, D.2). */
export const MORE_CALLS = {
  domcreate_bootloader_done: upstream('libxl', 'tools/libs/light/libxl_create.c'),
  coco_domain_initialise: cocoRfc('xen', 'xen/common/coco.c', {
    note: 'calls what the platform does for it',
  }),
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
} as const;
