import { GUEST_BASE, PAGE_SIZE } from '../../core/address';
import { DONE, type Fault, type Outcome, ok, type Rule, refuse } from '../../core/fault';
import type { Platform } from '../../core/platform';
import type { Registers } from '../../core/registers';
import { VECTORS } from '../../cpu/exits';
import { type AnswerProblem, checkAnswer } from '../../cpu/ghcb/answer';
import { GHCB_PARTS, type GhcbField, readGhcb } from '../../cpu/ghcb/layout';
import { encodeGhcbMsr } from '../../cpu/ghcb/msr';
import { decodeResult, isRaisable } from '../../cpu/ghcb/result';
import { type Vcpu, vcpuAccess } from '../memory';
import { fillGhcb, ghcbOf, vmgexit } from './ghcb';
import { registerGhcb } from './register';
import { fieldsFor, type Request } from './request';

const NO_GHCB: Rule = {
  id: 'guest.no-ghcb',
  says: 'A kernel that has made no GHCB can only use the messages of the GHCB MSR.',
  source: 'GHCB specification #56421 §2.3.1',
  standing: 'published',
};

/** What the hypervisor answered: a copy of the page, in the guest’s own memory, and what it was asked. */
export interface Answered {
  readonly page: Uint8Array;
  readonly read: (field: GhcbField) => bigint;
  readonly buffer: Uint8Array;
}

const handlerOf = (p: Platform, { domain }: Vcpu) =>
  p.state.cell('guest', domain.id)?.handler ?? { checks: true, shares: 'needed' as const };

export const isCareful = (p: Platform, vcpu: Vcpu): boolean => handlerOf(p, vcpu).checks;

/** Linux’s reason set, and its general reason (Linux arch/x86/include/asm/sev-common.h). */
const GENERAL = { set: 0, reason: 0 } as const;

/** The guest does not go on with such a hypervisor: it asks for its end. */
export function distrust(p: Platform, vcpu: Vcpu, problem: AnswerProblem): Outcome<never> {
  p.trace.fact('fault', { name: 'answer refused', message: problem.message }, problem.rule);
  const ended = vmgexit(p, vcpu, encodeGhcbMsr('terminate', GENERAL));
  const fault: Fault = refuse(
    problem.rule,
    'refused',
    `${vcpu.domain.name} does not take the answer: ${problem.message}`,
    { guest: vcpu.domain.name },
    'An honest answer; or a guest that does not check.',
  ).fault;
  return ended.ok
    ? { ok: false, fault }
    : { ok: false, fault: { ...ended.fault, message: `${fault.message} ${ended.fault.message}` } };
}

const RAISED: Rule = {
  id: 'guest.exception-from-hypervisor',
  says: 'The hypervisor may have the guest raise #GP or #UD for the instruction that it forwarded.',
  source: 'GHCB specification #56421 §4.1; Linux arch/x86/coco/sev/vc-shared.c (verify_exception_info)',
  standing: 'published',
};

const raised = ({ domain }: Vcpu, vector: number): { ok: false; fault: Fault } =>
  refuse(
    RAISED,
    vector === VECTORS.GP ? '#GP' : vector === VECTORS.UD ? '#UD' : `#${vector}`,
    `Xen has ${domain.name} raise exception ${vector} for this instruction.`,
    { vector },
    'A request that Xen can serve.',
  );

/**
 * One request and its answer: fill, VMGEXIT, copy, check. A kernel that does not check takes whatever the page then holds.
 */
export function ask(
  p: Platform,
  vcpu: Vcpu,
  request: Request,
  registers: Registers,
  buffer?: Uint8Array | null,
  meanwhile?: () => Outcome<unknown>,
): Outcome<Answered> {
  const ghcb = ghcbOf(p, vcpu);
  if (ghcb === null)
    return refuse(
      NO_GHCB,
      'refused',
      `${vcpu.domain.name} has no GHCB.`,
      {},
      'A guest with SEV-ES that has booted.',
    );
  const registered = registerGhcb(p, vcpu, ghcb);
  if (!registered.ok) return registered;
  const { shares } = handlerOf(p, vcpu);
  const values = fieldsFor(request, registers, shares);
  const filled = fillGhcb(p, vcpu, ghcb, { values, ...(buffer && { buffer }) });
  if (!filled.ok) return filled;
  const left = vmgexit(p, vcpu, BigInt(ghcb - GUEST_BASE), meanwhile);
  if (!left.ok) return left;
  const page = vcpuAccess(p, vcpu, 'read', ghcb, PAGE_SIZE);
  if (!page.ok) return page;
  const checked = checkForm(p, vcpu, page.value, { ...request, rax: values.rax ?? 0n });
  if (!checked.ok) return checked;
  const { offset, size } = GHCB_PARTS.sharedBuffer;
  return ok({
    page: page.value,
    read: (field) => readGhcb(page.value, field),
    buffer: page.value.subarray(offset, offset + size),
  });
}

/** The form of the answer, and an exception that it asks for. */
function checkForm(
  p: Platform,
  vcpu: Vcpu,
  page: Uint8Array,
  asked: Request & { readonly rax: bigint },
): Outcome<null> {
  const result = decodeResult(readGhcb(page, 'swExitInfo1'), readGhcb(page, 'swExitInfo2'));
  if (result.kind === 'refused' && asked.mayBeRefused) return DONE;
  if (isCareful(p, vcpu)) {
    const [problem] = p.trace.call('guest', vcpu.domain.name, 'check answer', { reason: asked.code }, () =>
      checkAnswer(page, asked),
    );
    if (problem) return distrust(p, vcpu, problem);
  }
  if (result.kind === 'exception' && isRaisable(result.event))
    return p.trace.refused(raised(vcpu, result.event.vector));
  return DONE;
}
