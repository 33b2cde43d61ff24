import { branch, call } from './call';

/** What the driver does for SNP; the branch boots with sev=snp, and of the rest Linux is the model (xen.md C.4, D.4). */
const LINUX = 'this project, after Linux drivers/crypto/ccp/sev-dev.c';

const ours = (note: string, aspCommands: readonly string[]) =>
  call('asp-driver', 'xen/drivers/crypto/asp.c', 'hypothetical', LINUX, { note, aspCommands });

export const SNP_CALLS = {
  'SNP: RMP, SYSCFG, SNP_INIT_EX': branch('asp-driver', 'xen/drivers/crypto/asp.c', {
    note: 'places the RMP, enables SNP on every CPU, lets the firmware write the table',
    aspCommands: ['SNP_INIT_EX', 'SNP_DF_FLUSH'],
  }),
  'SNP: pages to the firmware': ours('RMPUPDATE of what a command makes the firmware write', []),
  'SNP: pages back': ours('SNP_PAGE_RECLAIM and RMPUPDATE of the same', ['SNP_PAGE_RECLAIM']),
  'SNP: page state change': branch('svm', 'xen/arch/x86/hvm/svm/sev_es.c', {
    note: 'a guest shares a page or takes it back: RMPUPDATE; the file is not certain',
  }),
  'SNP: PSMASH of a guest’s page': call(
    'svm',
    'xen/arch/x86/hvm/svm/sev_es.c',
    'hypothetical',
    'this project, after Linux arch/x86/kvm/svm/sev.c (sev_handle_rmp_fault)',
    { note: 'a large page of the guest’s becomes small ones, in RMP and p2m' },
  ),
  'SNP: SNP_SHUTDOWN_EX': ours('stops SNP after SEV; the RMP’s memory comes back', ['SNP_SHUTDOWN_EX']),
} as const;
