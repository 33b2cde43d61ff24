import type { Platform } from '../../core/platform';
import { EXIT } from '../../cpu/exits';
import { setIntercepts } from '../../cpu/intercepts';

/** What Xen has intercepted in every VMCB (Xen xen/arch/x86/hvm/svm/vmcb.c, construct_vmcb), of what guests can do here. */
const EVERY = [
  EXIT.INTR,
  EXIT.NMI,
  EXIT.SMI,
  EXIT.INIT,
  EXIT.CPUID,
  EXIT.INVD,
  EXIT.HLT,
  EXIT.IOIO,
  EXIT.MSR,
  EXIT.SHUTDOWN,
  EXIT.VMRUN,
  EXIT.VMMCALL,
  EXIT.VMLOAD,
  EXIT.VMSAVE,
  EXIT.STGI,
  EXIT.CLGI,
  EXIT.SKINIT,
  EXIT.WBINVD,
  EXIT.MONITOR,
  EXIT.MWAIT,
  EXIT.DR7_READ,
  EXIT.DR7_WRITE,
];

/**
 * With SEV-ES a hypervisor cannot change control registers, and so has writes of them trapped in place of intercepted
 * (APM vol. 2 §15.35.10; Linux arch/x86/kvm/svm/sev.c, sev_es_init_vmcb).
 */
const TRAPS = [EXIT.EFER_WRITE_TRAP, EXIT.CR0_WRITE_TRAP, EXIT.CR0_WRITE_TRAP + 4];

/** Xen runs on the first core. */
const COMPLEX = 0;

export const interceptUsual = (p: Platform, vmcb: number): void =>
  setIntercepts(p, COMPLEX, vmcb, EVERY, true);

export const trapControls = (p: Platform, vmcb: number): void => setIntercepts(p, COMPLEX, vmcb, TRAPS, true);
