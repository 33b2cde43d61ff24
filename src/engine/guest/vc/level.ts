import { DONE, type Outcome, type Rule, refuse } from '../../core/fault';
import type { Platform } from '../../core/platform';
import { encodeGhcbMsr } from '../../cpu/ghcb/msr';
import { coreOf, type Vcpu } from '../memory';
import { vmgexit } from './ghcb';

const LEVEL: Rule = {
  id: 'guest.level-not-run',
  says: 'A level that asked for another one goes on only when that one has asked for it again; where it goes on at once, nothing was run.',
  source: 'GHCB specification #56421 (run VMPL)',
  standing: 'published',
};

/** VMPL of the vCPU that runs on its core. */
export const vmplOf = (p: Platform, vcpu: Vcpu): number => p.state.need('core', coreOf(p, vcpu)).vmpl;

/** The vCPU’s core runs a VMPL now, or nobody ran it. */
export const levelReached = (p: Platform, vcpu: Vcpu, vmpl: number): Outcome<null> =>
  vmplOf(p, vcpu) === vmpl
    ? DONE
    : p.trace.refused(
        refuse(
          LEVEL,
          'refused',
          `Xen runs no VMPL${vmpl} of ${vcpu.domain.name}’s vCPU ${vcpu.vcpu}.`,
          { vmpl },
          'A VMSA for this VMPL (guest.create-vmsa).',
        ),
      );

/**
 * Asks Xen by message to run another VMPL of the vCPU, which needs no shared memory. What runs there has registered no GHCB yet
 * as far as this kernel remembers.
 */
export function runVmpl(p: Platform, vcpu: Vcpu, vmpl: number): Outcome<null> {
  const { id } = vcpu.domain;
  const { registered = [] } = p.state.need('guest', id);
  const answered = vmgexit(p, vcpu, encodeGhcbMsr('runVmplRequest', { vmpl }));
  if (!answered.ok) return answered;
  const reached = levelReached(p, vcpu, vmpl);
  if (reached.ok) p.trace.patch('guest', id, { registered: registered.filter((each) => each !== vcpu.vcpu) });
  return reached;
}
