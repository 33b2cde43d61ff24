import { type Outcome, ok } from '../../core/fault';
import type { Platform } from '../../core/platform';
import { EXIT, exitCodeOf } from '../../cpu/exits';
import { readVmcb } from '../../cpu/vmcb';
import { vmcbOf } from '../../cpu/vmrun';
import { call } from '../trail';
import type { Left } from './left';
import { noBytes } from './mmio';
import { handlePlain, skip } from './plain';
import { patchVcpu } from './vcpus';
import { handleVmgexit } from './vmgexit';

/** What the guest finds when it goes on. */
export interface Handled {
  /** Vector of an exception that Xen injects, or null. */
  readonly exception: number | null;
}

const GOES_ON: Handled = { exception: null };

/**
 * What Xen does about an exit, by the reason that it finds in the VMCB (Xen xen/arch/x86/hvm/svm/svm.c,
 * svm_vmexit_handler).
 */
export const handleExit = (p: Platform, left: Left): Outcome<Handled> =>
  call(p, 'svm', 'svm_vmexit_handler', { guest: left.domain.name, vcpu: left.vcpu }, () => {
    const vmcb = vmcbOf(left.domain, left.vcpu);
    const encrypted = left.domain.vmsas.length > 0;
    const code = exitCodeOf(readVmcb(p, left.complex, vmcb, 'exitCode'));
    if (code === EXIT.HLT) {
      patchVcpu(p, left.domain, left.vcpu, { state: 'halted' });
      return call(p, 'svm', 'svm_vmexit_do_hlt', {}, () => {
        if (!encrypted) skip(p, left);
        return ok(GOES_ON);
      });
    }
    if (code === EXIT.VMGEXIT) {
      const done = handleVmgexit(p, left);
      return done.ok ? ok(GOES_ON) : done;
    }
    if (encrypted) return code === EXIT.NPF ? noBytes(p) : ok(GOES_ON);
    const done = handlePlain(p, left, code);
    return done.ok ? ok({ exception: done.value }) : done;
  });
