/**
 * Who carries a register through a world switch. The guest’s: `hardware` (VMRUN and #VMEXIT, with SEV-ES for all of them) or
 * the `hypervisor` with its own instructions. The host’s, with SEV-ES, by swap type.
 */
export interface Swap {
  readonly guest: 'hardware' | 'hypervisor';
  /**
   * A: VMRUN saves it in the host save area, #VMEXIT brings it back. B: #VMEXIT brings back what the hypervisor has put there.
   * C: #VMEXIT leaves its reset value, the hypervisor loads its own. Null: without SEV-ES, or not published of this one.
   */
  readonly host: 'A' | 'B' | 'C' | null;
}

/** What VMRUN and #VMEXIT have always carried (APM vol. 2 §15.5.1, §15.6). */
const SAVED_BY_VMRUN = new Set(['rip', 'rsp', 'rax', 'rflags', 'cr0', 'cr3', 'cr4', 'efer']);
/** A guest’s, beside those, in the VMCB’s save area. */
const IN_SAVE_AREA = new Set([...SAVED_BY_VMRUN, 'cr2', 'dr6', 'dr7']);
const RESET_AT_EXIT = new Set(['xmm0']);
const NOT_TOLD = new Set(['cr2', 'dr6', 'dr7', 'ghcb']);

/**
 * APM vol. 2 §15.35.8 and table B-4; Linux arch/x86/kvm/svm/sev.c (sev_es_prepare_switch_to_guest), vmenter.S
 * (__svm_sev_es_vcpu_run, which puts the host’s general registers where the exit finds them).
 * @param name of a register as `core/registers.ts` calls it, or CR0, CR3, CR4, EFER in small letters.
 */
export function swapOf(name: string, es: boolean): Swap {
  if (!es) return { guest: IN_SAVE_AREA.has(name) ? 'hardware' : 'hypervisor', host: null };
  if (NOT_TOLD.has(name)) return { guest: 'hardware', host: null };
  const host = SAVED_BY_VMRUN.has(name) ? 'A' : RESET_AT_EXIT.has(name) ? 'C' : 'B';
  return { guest: 'hardware', host };
}
