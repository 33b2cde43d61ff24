import { type Outcome, ok, type Rule } from '../../core/fault';
import { OWNER_HYPERVISOR } from '../../core/page';
import type { Platform } from '../../core/platform';
import { encodeGhcbMsr } from '../../cpu/ghcb/msr';
import { writeVmcb } from '../../cpu/vmcb';
import { vmcbOf } from '../../cpu/vmrun';
import { runLevel } from '../levels';
import { type Asked, NOTHING, type SoftwareAnswer } from './answer';
import { levelFor } from './apCreation';
import type { Left } from './left';

const UNKNOWN: Rule = {
  id: 'xen.run-vmpl-unknown',
  says: 'Xen runs a VMPL of a vCPU only when the guest has given it a VMSA for that level.',
  source: 'GHCB specification #56421 (run VMPL); modelled: the code of the error is not published',
  standing: 'modelled',
};

/** Event 8000_0018: the answer is there when the level that asked runs again. */
export function runVmpl(p: Platform, { domain, vcpu, info1 }: Asked): SoftwareAnswer {
  const level = levelFor(p, domain, vcpu, Number(info1));
  if (!level) {
    p.trace.fact('fault', { name: 'run VMPL', message: UNKNOWN.says }, UNKNOWN);
    return { refused: 'invalid input' };
  }
  const done = runLevel(p, domain, vcpu, level);
  return done.ok ? NOTHING : done;
}

const ERROR = 1;

/** The same as message 016 of the GHCB MSR, whose answer the asking level finds there. */
export function runByMessage(p: Platform, { domain, vcpu, complex }: Left, vmpl: number): Outcome<null> {
  const level = levelFor(p, domain, vcpu, vmpl);
  if (!level) p.trace.fact('fault', { name: 'run VMPL', message: UNKNOWN.says }, UNKNOWN);
  const answer = encodeGhcbMsr('runVmplResponse', { error: level ? 0 : ERROR });
  writeVmcb(p, complex, vmcbOf(domain, vcpu), 'ghcb', answer, OWNER_HYPERVISOR);
  return level ? runLevel(p, domain, vcpu, level) : ok(null);
}
