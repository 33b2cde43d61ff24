import type { Progress } from '../../core/action';
import type { DomainCell } from '../../core/cells';
import { type Outcome, ok, type Rule, refuse } from '../../core/fault';
import type { Json } from '../../core/json';
import type { Platform } from '../../core/platform';
import { unpackRegisters } from '../../core/registers';
import { registersOf, setRegisters } from '../../cpu/vmrun';
import { enterGuest } from '../../xen/domain';
import { coreOf, type Vcpu } from '../memory';
import { type Stepped, step } from './step';

const LENGTH: Rule = {
  id: 'guest.small-cpu',
  says: 'A program runs at most so many instructions in one go.',
  source: 'modelled: nobody waits for an endless loop',
  standing: 'modelled',
};

/** Instructions in one go. */
const LIMIT = 4096;
/** A program reports how far it is after so many. */
const REPORT = 64;

/** The line of a guest’s program at a GVA, or null. */
function lineAt(p: Platform, { id }: DomainCell, rip: bigint): number | null {
  const program = p.state.cell('guest', id)?.program;
  if (!program) return null;
  const offset = Number(rip) - program.address;
  return program.lines.find((line) => line.offset === offset && line.length > 0)?.line ?? null;
}

const ripOf = (p: Platform, vcpu: Vcpu): bigint => unpackRegisters(registersOf(p, coreOf(p, vcpu))).rip;

/** Runs a vCPU until its program ends, faults, or reaches a line with a breakpoint. */
export function* runOn(p: Platform, vcpu: Vcpu, limit: number): Generator<Progress, Outcome<Json>> {
  const { domain } = vcpu;
  let last: Stepped | null = null;
  for (let count = 1; count <= limit; count++) {
    const stepped = step(p, vcpu);
    if (!stepped.ok) return stepped;
    last = stepped.value;
    if (last.ended) return ok(told(p, vcpu, last, count, last.ended));
    const entered = enterGuest(p, domain, coreOf(p, vcpu), vcpu.vcpu);
    if (!entered.ok) return entered;
    const line = lineAt(p, domain, ripOf(p, vcpu));
    const breaks = p.state.cell('guest', domain.id)?.program?.breaks ?? [];
    if (line !== null && breaks.includes(line)) return ok(told(p, vcpu, last, count, `line ${line}`));
    if (count % REPORT === 0) yield { done: count, total: limit };
  }
  if (limit < LIMIT && last) return ok(told(p, vcpu, last, limit, null));
  return refuse(
    LENGTH,
    'refused',
    `The program ran ${limit} instructions without an end.`,
    { instructions: limit },
    'An HLT within reach, or a breakpoint.',
  );
}

export const untilEnd = (p: Platform, vcpu: Vcpu): Generator<Progress, Outcome<Json>> =>
  runOn(p, vcpu, LIMIT);

const told = (
  p: Platform,
  vcpu: Vcpu,
  last: Stepped,
  instructions: number,
  stopped: string | null,
): Json => ({
  instructions,
  last: last.text,
  path: last.path,
  reason: last.reason,
  stopped,
  line: lineAt(p, vcpu.domain, last.rip),
});

/**
 * Runs code at a GVA, as if it were called from nowhere, and puts the registers back. After a fault the vCPU stands where it
 * faulted.
 */
export function* call(p: Platform, vcpu: Vcpu, at: number): Generator<Progress, Outcome<Json>> {
  const core = coreOf(p, vcpu);
  const entered = enterGuest(p, vcpu.domain, core, vcpu.vcpu);
  if (!entered.ok) return entered;
  const before = unpackRegisters(registersOf(p, core));
  setRegisters(p, core, { rax: 0n, rbx: 0n, rcx: 0n, rdx: 0n, rip: BigInt(at), rsp: 0n });
  let outcome: Outcome<Json> | null = null;
  let count = 0;
  while (!outcome) {
    const stepped = step(p, vcpu);
    count++;
    if (!stepped.ok) outcome = stepped;
    else if (stepped.value.ended) outcome = ok(stepped.value.ended);
    else if (count >= LIMIT)
      outcome = refuse(
        LENGTH,
        'refused',
        `The program ran ${LIMIT} instructions without an end.`,
        { address: at },
        'A RET (c3) or HLT (f4) within reach.',
      );
    if (count % REPORT === 0) yield { done: count, total: LIMIT };
  }
  if (!outcome.ok) return outcome;
  const again = enterGuest(p, vcpu.domain, core, vcpu.vcpu);
  if (!again.ok) return again;
  const { rax, rcx, rdx, rbx } = unpackRegisters(registersOf(p, core));
  setRegisters(p, core, before);
  const shown = { eax: Number(rax), ecx: Number(rcx), edx: Number(rdx), ebx: Number(rbx) };
  return ok({ ...shown, instructions: count, ended: outcome.value });
}
