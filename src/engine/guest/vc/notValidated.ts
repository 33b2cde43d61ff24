import { GUEST_BASE, PAGE_SIZE } from '../../core/address';
import type { Fault, Outcome, Rule } from '../../core/fault';
import type { Platform } from '../../core/platform';
import { PAGE_NOT_VALIDATED } from '../../rmp/faults';
import { acceptAgain, hasAccepted } from '../accept';
import { coreOf, type Vcpu } from '../memory';
import { distrust, isCareful } from './ask';

const ENDS = 'Linux arch/x86/coco/sev/vc-handle.c (an exit code without a case: sev_es_terminate)';

const NOT_VALIDATED = {
  before: {
    id: 'guest.accepted-before',
    says: 'A page that the kernel has accepted and that raises #VC 0x404 is not the page that it accepted, or somebody has changed its entry: the kernel asks for its end.',
    source: `${ENDS}; coconut-svsm keeps such a record; cpu-and-rmp.md E.8`,
    standing: 'published',
  },
  never: {
    id: 'guest.not-accepted',
    says: 'Acceptance is explicit: for a page that the kernel has never accepted its #VC handler accepts nothing, and asks for the end.',
    source: ENDS,
    standing: 'published',
  },
  again: {
    id: 'guest.validates-again',
    says: 'A careless kernel validates whatever page raises #VC 0x404. CF = 0 is all that it looks at, and that does not tell of a second page.',
    source: 'modelled after cpu-and-rmp.md E.8; no kernel is known to do so',
    standing: 'modelled',
  },
} as const satisfies Record<string, Rule>;

export const isNotValidated = ({ name, inputs }: Fault): boolean =>
  name === '#VC' && inputs.errorCode === PAGE_NOT_VALIDATED;

/**
 * #VC for a page that is not validated, in the kernel’s handler: a kernel that checks ends itself and says why; one that does not
 * validates the page, and the access is made again.
 */
export function notValidated(p: Platform, vcpu: Vcpu, { inputs }: Fault): Outcome<null> {
  const { domain } = vcpu;
  const base = p.state.need('core', coreOf(p, vcpu)).guestPaging ? GUEST_BASE : 0;
  const gpa = Number(inputs.cr2) - base;
  const page = gpa - (gpa % PAGE_SIZE);
  const known = hasAccepted(p, domain, page);
  const where = `GPA 0x${page.toString(16)}`;
  return p.trace.span('guest', domain.name, '#VC', { code: PAGE_NOT_VALIDATED, gpa: page, known }, () => {
    if (isCareful(p, vcpu))
      return distrust(p, vcpu, {
        rule: known ? NOT_VALIDATED.before : NOT_VALIDATED.never,
        message: known
          ? `${where} raises #VC 0x404, though it was accepted.`
          : `${where} raises #VC 0x404, and nobody has accepted it.`,
      });
    p.trace.fact('note', { what: 'validated again', gpa: page }, NOT_VALIDATED.again);
    return acceptAgain(p, domain, coreOf(p, vcpu), page + base);
  });
}
