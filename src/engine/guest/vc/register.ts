import { GUEST_BASE, PAGE_SIZE } from '../../core/address';
import { DONE, type Outcome, type Rule, refuse } from '../../core/fault';
import type { Platform } from '../../core/platform';
import { decodeGhcbMsr, encodeGhcbMsr } from '../../cpu/ghcb/msr';
import type { Vcpu } from '../memory';
import { vmgexit } from './ghcb';

const REGISTER: Rule = {
  id: 'guest.ghcb-register',
  says: 'An SNP guest registers each vCPU’s GHCB before it uses it, and asks for its end when the hypervisor answers with another page.',
  source: 'GHCB specification #56421 §2.3.2; Linux arch/x86/coco/sev/shared.c (snp_register_ghcb_early)',
  standing: 'published',
};

/** Linux’s set of reasons: the GHCB was not registered. */
const NOT_REGISTERED = { set: 1, reason: 0 } as const;

/** Registers a vCPU’s GHCB (a GVA), once. Without SNP there is nothing to do. */
export function registerGhcb(p: Platform, vcpu: Vcpu, ghcb: number): Outcome<null> {
  const { domain } = vcpu;
  const known = p.state.cell('guest', domain.id)?.registered ?? [];
  if (!domain.snp || known.includes(vcpu.vcpu)) return DONE;
  p.trace.fact('note', { what: 'GHCB registered', vcpu: vcpu.vcpu, address: ghcb }, REGISTER);
  const gfn = (ghcb - GUEST_BASE) / PAGE_SIZE;
  const answered = vmgexit(p, vcpu, encodeGhcbMsr('registerRequest', { gfn }));
  if (!answered.ok) return answered;
  const message = decodeGhcbMsr(answered.value);
  if (message.name === 'registerResponse' && message.values.gfn === gfn) {
    p.trace.patch('guest', domain.id, { registered: [...known, vcpu.vcpu] });
    return DONE;
  }
  const ended = vmgexit(p, vcpu, encodeGhcbMsr('terminate', NOT_REGISTERED));
  if (!ended.ok) return ended;
  return refuse(
    REGISTER,
    'refused',
    `${domain.name}’s GHCB is not registered.`,
    { vcpu: vcpu.vcpu },
    'The answer to be the page that was asked for.',
  );
}
