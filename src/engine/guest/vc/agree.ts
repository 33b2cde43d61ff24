import { DONE, type Outcome, type Rule } from '../../core/fault';
import type { Platform } from '../../core/platform';
import { featuresOf } from '../../cpu/cpuid';
import { decodeGhcbMsr, encodeGhcbMsr } from '../../cpu/ghcb/msr';
import type { Vcpu } from '../memory';
import { vmgexit } from './ghcb';
import { setUpGhcbs } from './setUp';

const AGREEMENT: Rule = {
  id: 'guest.ghcb-agreement',
  says: 'Before it has shared memory a guest agrees on a protocol version, and learns where the C-bit lies, by the GHCB MSR.',
  source:
    'GHCB specification #56421 §2.3.1; Linux arch/x86/boot/startup/sev-shared.c (sev_es_negotiate_protocol)',
  standing: 'published',
};

/**
 * What a kernel with SEV-ES does first: it asks for the protocol by message, remembers where the C-bit is, and makes a GHCB
 * for each vCPU.
 */
export const agreeWithHypervisor = (p: Platform, vcpu: Vcpu): Outcome<null> =>
  p.trace.span('guest', vcpu.domain.name, 'sev_es_negotiate_protocol', {}, () => {
    const answered = vmgexit(p, vcpu, encodeGhcbMsr('sevInfoRequest', {}));
    if (!answered.ok) return answered;
    const message = decodeGhcbMsr(answered.value);
    const cBit = message.name === 'sevInfo' ? message.values.cBit : featuresOf(p.state).cBit;
    p.trace.fact('note', { what: 'agreement', cBit }, AGREEMENT);
    p.trace.patch('guest', vcpu.domain.id, { cBit });
    const made = setUpGhcbs(p, vcpu);
    return made.ok ? DONE : made;
  });
