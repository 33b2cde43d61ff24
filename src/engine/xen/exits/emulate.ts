import { OWNER_HYPERVISOR } from '../../core/page';
import type { Platform } from '../../core/platform';
import { readClock } from '../../cpu/clock';
import { EXIT } from '../../cpu/exits';
import { readVmcb, writeVmcb } from '../../cpu/vmcb';
import { vmcbOf } from '../../cpu/vmrun';
import { wbinvd } from '../../memory/flush';
import { type Answer, type Asked, type Emulator, inHalves, NOTHING } from './answer';
import { cpuid } from './cpuid';
import { HYPERCALL } from './hypercalls';
import { readMsr, writeMsr } from './msr';
import { port } from './ports';

/**
 * Numbers of hypercalls that Xen answers here, in RAX (Xen xen/include/public/xen.h): of the version with its own, of those
 * of PV drivers with success. What these do is done elsewhere (`pv`).
 */
const XEN_VERSION = 17n;
const DRIVERS: readonly number[] = [HYPERCALL.memory, HYPERCALL.eventChannel, HYPERCALL.hvm];
const VERSION = 0x0004_0014n;
const ENOSYS = -38n;

const msr: Emulator = (p, asked) => ((asked.info1 & 1n) === 0n ? readMsr(p, asked) : writeMsr(p, asked));

const timeStamp = (p: Platform): Answer => inHalves(readClock(p));

/** TSC_AUX is the number of the processor, as Linux sets it. */
const timeStampAndProcessor: Emulator = (p, { vcpu }) => {
  const time = timeStamp(p);
  return 'exception' in time ? time : { registers: { ...time.registers, rcx: BigInt(vcpu) } };
};

/** INVD of a guest is done as WBINVD (Xen xen/arch/x86/hvm/svm/svm.c, svm_wbinvd_intercept). */
function writeBack(p: Platform, { complex }: Asked): Answer {
  wbinvd(p, complex);
  return NOTHING;
}

/** Of a guest that asks through its GHCB Xen remembers DR7 in the save area, which hardware then ignores (modelled). */
const readDebug: Emulator = (p, { domain, vcpu, complex }) => ({
  registers: { rax: readVmcb(p, complex, vmcbOf(domain, vcpu), 'dr7') },
});

function writeDebug(p: Platform, { domain, vcpu, complex, read }: Asked): Answer {
  writeVmcb(p, complex, vmcbOf(domain, vcpu), 'dr7', read('rax'), OWNER_HYPERVISOR);
  return NOTHING;
}

function hypercall(_: Platform, { read }: Asked): Answer {
  const number = read('rax');
  if (number === XEN_VERSION) return { registers: { rax: VERSION } };
  return { registers: { rax: DRIVERS.includes(Number(number)) ? 0n : ENOSYS } };
}

const undefinedOpcode: Emulator = () => ({ exception: 'UD' });
const protection: Emulator = () => ({ exception: 'GP' });

/** A function of Xen that emulates what a guest asks for. */
export interface Handler {
  /** Its name in Xen (xen/arch/x86/hvm/svm/svm.c). */
  readonly name: string;
  readonly run: Emulator;
}

/** What Xen does about each reason, however the registers came to it. */
export const HANDLERS: Readonly<Record<number, Handler>> = {
  [EXIT.CPUID]: { name: 'svm_vmexit_do_cpuid', run: cpuid },
  [EXIT.MSR]: { name: 'svm_do_msr_access', run: msr },
  [EXIT.IOIO]: { name: 'handle_pio', run: port },
  [EXIT.VMMCALL]: { name: 'hvm_hypercall', run: hypercall },
  [EXIT.RDTSC]: { name: 'svm_vmexit_do_rdtsc', run: timeStamp },
  [EXIT.RDTSCP]: { name: 'svm_vmexit_do_rdtsc', run: timeStampAndProcessor },
  [EXIT.RDPMC]: { name: 'hvm_inject_hw_exception', run: protection },
  [EXIT.WBINVD]: { name: 'svm_wbinvd_intercept', run: writeBack },
  [EXIT.INVD]: { name: 'svm_wbinvd_intercept', run: writeBack },
  [EXIT.MONITOR]: { name: 'hvm_inject_hw_exception', run: undefinedOpcode },
  [EXIT.MWAIT]: { name: 'hvm_inject_hw_exception', run: undefinedOpcode },
  [EXIT.DR7_READ]: { name: 'svm_dr_access', run: readDebug },
  [EXIT.DR7_WRITE]: { name: 'svm_dr_access', run: writeDebug },
  [EXIT.PAUSE]: { name: 'svm_vmexit_do_pause', run: () => NOTHING },
};
