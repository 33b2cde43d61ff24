import { branch, call, upstream } from './call';

/** A vCPU runs, in the order of the calls (xen.md D). */
export const RUN_CALLS = {
  context_switch: upstream('xen', 'xen/arch/x86/domain.c', {
    note: "loading page tables begins a generation in today's allocator",
  }),
  svm_ctxt_switch_to: upstream('svm', 'xen/arch/x86/hvm/svm/svm.c'),
  svm_do_resume: upstream('svm', 'xen/arch/x86/hvm/svm/svm.c', {
    note: 'on another CPU than last time: flush',
  }),
  svm_asm_do_resume: upstream('svm', 'xen/arch/x86/hvm/svm/entry.S'),
  svm_intr_assist: upstream('svm', 'xen/arch/x86/hvm/svm/intr.c'),
  nsvm_vcpu_switch: upstream('svm', 'xen/arch/x86/hvm/svm/nestedsvm.c'),
  svm_vmenter_helper: upstream('svm', 'xen/arch/x86/hvm/svm/svm.c'),
  svm_asid_handle_vmrun: upstream('svm', 'xen/arch/x86/hvm/svm/asid.c', {
    note: "today's allocator; the proposal has none of it",
  }),
  hvm_asid_handle_vmenter: upstream('xen', 'xen/arch/x86/hvm/asid.c', {
    note: "today's allocator; the proposal has none of it",
  }),
  'needs_tlb_flush / latest_vcpu check in svm_vmenter_helper': call(
    'svm',
    'xen/arch/x86/hvm/svm/svm.c',
    'rfc',
    'xen-devel, 2026-04-15',
    { note: 'takes the place of svm_asid_handle_vmrun' },
  ),
  'CLGI; VMRUN; STGI': upstream('cpu', 'xen/arch/x86/hvm/svm/entry.S'),
  svm_vmexit_handler: upstream('svm', 'xen/arch/x86/hvm/svm/svm.c'),
  'GHCB exit handling (VMGEXIT)': branch('svm', 'xen/arch/x86/hvm/svm/sev_es.c'),
} as const;
