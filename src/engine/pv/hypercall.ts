import type { DomainCell } from '../core/cells';
import type { Outcome } from '../core/fault';
import type { JsonObject } from '../core/json';
import type { Platform } from '../core/platform';
import { unpackRegisters } from '../core/registers';
import { EXIT } from '../cpu/exits';
import { registersOf } from '../cpu/vmrun';
import { ask } from '../guest/vc/ask';
import { enterGuest } from '../xen/domain';
import { HYPERCALL } from '../xen/exits/hypercalls';
import { leaveGuest } from '../xen/stub';
import { call } from '../xen/trail';
import { PV_RULES } from './rules';

/** The hypercall that an operation belongs to, by how its name begins. */
const numberOf = (name: string): number =>
  name.startsWith('XENMEM')
    ? HYPERCALL.memory
    : name.startsWith('HVMOP')
      ? HYPERCALL.hvm
      : HYPERCALL.eventChannel;

/**
 * A guest calls Xen with VMMCALL: its core leaves it, Xen does what is asked, and the guest goes on when it is needed again.
 * With SEV-ES the call goes through the GHCB.
 */
export function guestHypercall<T>(
  p: Platform,
  domain: DomainCell,
  name: string,
  args: JsonObject,
  body: () => Outcome<T>,
): Outcome<T> {
  const entered = enterGuest(p, domain);
  if (!entered.ok) return entered;
  const inXen = () =>
    call(p, 'hypercall', name, args, () => {
      if (domain.sev)
        p.trace.fact('note', { what: 'hypercall arguments', hypercall: name }, PV_RULES.arguments);
      return body();
    });
  if (domain.vmsas.length === 0) {
    leaveGuest(p, domain.core, { code: EXIT.VMMCALL });
    return inXen();
  }
  const done: Outcome<T>[] = [];
  const registers = {
    ...unpackRegisters(registersOf(p, domain.core)),
    rax: BigInt(numberOf(name)),
  };
  const request = { code: EXIT.VMMCALL, info1: 0n, info2: 0n };
  const answered = ask(p, { domain, vcpu: 0 }, request, registers, undefined, () => {
    const outcome = inXen();
    done.push(outcome);
    return outcome;
  });
  if (!answered.ok) return answered;
  const [outcome] = done;
  if (!outcome) throw new Error('VMGEXIT came back without an exit');
  return outcome;
}
