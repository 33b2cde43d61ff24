import { branch, call, upstream } from './call';

const SVM = 'xen/arch/x86/hvm/svm/svm.c';
const THIS = 'this project, after Linux arch/x86/kvm/svm/sev.c; GHCB specification #56421';

/** What a request through the GHCB is answered with: no tree of Xen shows it. */
const ours = (note: string) => call('svm', 'xen/arch/x86/hvm/svm/sev_es.c', 'hypothetical', THIS, { note });

/** What Xen does about an exit of a guest’s program. */
export const EXIT_CALLS = {
  svm_vmexit_do_cpuid: upstream('svm', SVM),
  svm_do_msr_access: upstream('svm', SVM),
  handle_pio: upstream('svm', 'xen/arch/x86/hvm/io.c'),
  hvm_hypercall: upstream('svm', 'xen/arch/x86/hvm/hypercall.c'),
  svm_vmexit_do_rdtsc: upstream('svm', SVM),
  svm_vmexit_do_hlt: upstream('svm', SVM),
  svm_wbinvd_intercept: upstream('svm', SVM),
  svm_dr_access: upstream('svm', SVM),
  hvm_handle_xsetbv: upstream('svm', 'xen/arch/x86/hvm/hvm.c'),
  hvm_inject_hw_exception: upstream('svm', 'xen/arch/x86/hvm/hvm.c'),
  hvm_emulate_one: upstream('xen', 'xen/arch/x86/hvm/emulate.c', {
    note: 'decodes the instruction; of a guest with SEV-ES there is none to decode',
  }),
  vlapic_init_sipi_one: upstream('xen', 'xen/arch/x86/hvm/vlapic.c', {
    note: 'puts CS:RIP of the startup vector into the VMCB; hardware ignores it with SEV-ES',
  }),
  'SEV-ES: emulated devices with a reserved bit': call(
    'xen',
    'xen/arch/x86/mm/p2m-pt.c',
    'hypothetical',
    THIS,
    {
      note: 'so that touching them becomes #VC in the guest',
    },
  ),
  'MMIO read': ours('SW_EXITCODE 80000001'),
  'MMIO write': ours('SW_EXITCODE 80000002'),
  'NMI complete': ours('SW_EXITCODE 80000003'),
  'AP reset hold': ours('SW_EXITCODE 80000004'),
  'AP jump table': ours('SW_EXITCODE 80000005'),
  'SNP AP creation': branch('svm', 'xen/arch/x86/hvm/svm/sev_es.c', {
    note: 'SW_EXITCODE 80000013; the branch does a part of it',
  }),
  svm_inject_event: upstream('svm', SVM, { note: 'writes EVENTINJ of the VMCB' }),
  '#HV doorbell page': ours('SW_EXITCODE 80000014'),
  'SNP run VMPL': ours('SW_EXITCODE 80000018'),
  'SNP: VMSA of another VMPL': ours('VMCB 0x108 names the VMSA of the VMPL that is to run'),
  'hypervisor features': ours('SW_EXITCODE 8000FFFD'),
  'termination request': ours('SW_EXITCODE 8000FFFE'),
  'unsupported event': ours('SW_EXITCODE 8000FFFF'),
} as const;
