import { call, cocoRfc, upstream } from './call';

const OWNERS_BRANCH = 'xcp-ng/xen 275d07e487: xen/include/public/hvm/coco.h';

/** Hypercalls with which a branch lets a guest’s owner look before the guest runs (xen.md D.3). */
const owners = (note: string, aspCommands: readonly string[]) =>
  call('hypercall', 'xen/include/public/hvm/coco.h', 'branch', OWNERS_BRANCH, { note, aspCommands });

/** Functions that the text names between those of the path, or beside it (xen.md A.3, A.4, D.1, D.2). */
export const MORE_CALLS = {
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
