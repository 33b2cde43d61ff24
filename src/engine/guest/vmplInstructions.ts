import type { Fault, Outcome } from '../core/fault';
import { ok, refuse } from '../core/fault';
import type { Json } from '../core/json';
import type { Platform } from '../core/platform';
import { executeRmpadjust, executeRmpquery } from '../cpu/rmpInstructions';
import type { Ended } from '../rmp/instructions/instruction';
import { PERMISSIONS } from '../rmp/permissions';
import { enterGuest } from '../xen/domain';
import { coreOf, type Vcpu } from './memory';
import { tryAgain } from './mend';

/** Permissions of a VMPL as somebody names them. */
export interface Allowed {
  readonly read: boolean;
  readonly write: boolean;
  readonly executeUser: boolean;
  readonly executeSupervisor: boolean;
}

/** The same as bits of RDX 15:8. */
export const maskOf = (allowed: Allowed): number =>
  (Object.keys(allowed) as (keyof Allowed)[]).reduce(
    (mask, name) => mask | (allowed[name] ? 1 << PERMISSIONS[name].bit : 0),
    0,
  );

/** And back. */
const allowedBy = (mask: number): Record<string, boolean> =>
  Object.fromEntries(Object.entries(PERMISSIONS).map(([name, { bit }]) => [name, (mask & (1 << bit)) !== 0]));

/** An instruction of a kernel that ended with another code than SUCCESS. */
function failed(instruction: string, gva: number, { code, eax, decided }: Ended): Fault | null {
  if (!decided) return null;
  return refuse(
    decided.rule,
    code,
    `${instruction} at 0x${gva.toString(16)} answers ${eax}, ${code}. ${decided.rule.says}`,
    { address: gva, eax },
    decided.remedy,
  ).fault;
}

/** Runs an instruction on a vCPU’s core; a page that is too large for it is split by Xen. */
export function onCore<T extends Ended>(
  p: Platform,
  vcpu: Vcpu,
  instruction: string,
  gva: number,
  run: (core: number) => Outcome<T>,
): Outcome<T> {
  const core = coreOf(p, vcpu);
  const entered = enterGuest(p, vcpu.domain, core, vcpu.vcpu);
  if (!entered.ok) return entered;
  const ended = tryAgain(p, vcpu, gva, () => run(core));
  const fault = ended.ok ? failed(instruction, gva, ended.value) : null;
  return fault ? p.trace.refused({ ok: false, fault }) : ended;
}

/** RMPADJUST by a guest’s kernel. A code other than SUCCESS is a refusal. */
export const adjustPage = (
  p: Platform,
  vcpu: Vcpu,
  operands: Parameters<typeof executeRmpadjust>[2],
): Outcome<Json> => {
  const ended = onCore(p, vcpu, 'RMPADJUST', operands.gva, (core) => executeRmpadjust(p, core, operands));
  return ended.ok ? ok({ eax: ended.value.eax }) : ended;
};

/** RMPQUERY by a guest’s kernel: what a VMPL may do with a page. */
export function queryPage(p: Platform, vcpu: Vcpu, gva: number, target: number): Outcome<Json> {
  const ended = onCore(p, vcpu, 'RMPQUERY', gva, (core) => executeRmpquery(p, core, { gva, target }));
  if (!ended.ok) return ended;
  const { eax, found } = ended.value;
  if (!found) return ok({ eax });
  return ok({ eax, ...allowedBy(found.permissions), vmsa: found.vmsa, size: found.large ? '2M' : '4K' });
}
