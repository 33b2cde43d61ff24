/** One claim of the talk *Enabling AMD SEV in Xen* (Vaishali Thakkar, Vates, Xen Summit 2024). */
export interface TalkRow {
  readonly row: string;
  readonly says: string;
}

/** Every row of the talk, in its order; also those that no scenario shows yet. */
const SAYINGS = {
  'SME-1': 'the AES engine sits in the memory controller',
  'SME-2': 'a 128-bit key, managed by the AMD Secure Processor',
  'SME-3': 'the C-bit marks encrypted pages',
  'SME-4': 'full or partial encryption',
  'SME-5': 'transparent SME',
  'SME-6': 'an SME demo',
  'SEV-1': 'memory encryption joined with AMD-V',
  'SEV-2': 'secure sandboxes',
  'SEV-3': 'code and data are tagged with the VM’s ASID',
  'SEV-4': 'one key a VM, another for the hypervisor',
  'SEV-5': 'the same engine and C-bit as SME',
  'SEV-6': 'restrictions on data in shared pages',
  'ES-1': 'guests’ register state is protected from attack',
  'ES-2': 'it is encrypted with the guest’s key',
  'ES-3': 'the guest shares register state explicitly',
  'ES-4': 'the saved state is integrity-checked',
  'ES-5': 'the SEV-ES white paper',
  'SNP-1': 'against software-based integrity attacks',
  'SNP-2': 'integrity guaranteed through the RMP',
  'SNP-3': 'the RMP tracks each page’s owner',
  'SNP-4': 'Virtual Machine Privilege Levels',
  'SNP-5': 'from the 3rd generation of EPYC',
  'SNP-6': 'the enablement plan',
  'ARCH-1': 'the AMD Secure Processor',
  'ARCH-2': 'CPUID Fn8000_001F[EDX], minimum ASID for SEV without ES',
  'ARCH-3': 'CPUID Fn8000_001F[ECX], the number of encrypted guests',
  'ARCH-4': 'instruction pages and guest page tables are always private',
  'ARCH-5': 'data pages can be private or shared',
  'ARCH-6': 'all DMA goes to shared pages',
  'XEN-1': 'an ASP driver: platform management',
  'XEN-2': 'an ASP driver: guest management lifecycle',
  'XEN-3': 'SVM operations for SEV commands',
  'XEN-4': 'libxl',
  'XEN-5': 'xl',
  'XEN-6': 'upstream status: the ASP driver RFC, infrastructure for SEV leaves',
  'XEN-7': 'upstream status: the xen-wide ASID allocator RFC',
  'REF-1': 'references',
} as const;

export const ROWS: readonly TalkRow[] = Object.entries(SAYINGS).map(([row, says]) => ({ row, says }));
export const ROW_NAMES = Object.keys(SAYINGS) as [keyof typeof SAYINGS, ...(keyof typeof SAYINGS)[]];
