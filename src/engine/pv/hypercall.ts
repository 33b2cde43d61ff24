import type { DomainCell } from '../core/cells';
import type { Outcome } from '../core/fault';
import type { JsonObject } from '../core/json';
import type { Platform } from '../core/platform';
import { EXIT } from '../cpu/exits';
import { enterGuest } from '../xen/domain';
import { leaveGuest } from '../xen/stub';
import { call } from '../xen/trail';
import { PV_RULES } from './rules';

/** A guest calls Xen with VMMCALL: its core leaves it, Xen does what is asked, and the guest goes on when it is needed again. */
export function guestHypercall<T>(
  p: Platform,
  domain: DomainCell,
  name: string,
  args: JsonObject,
  body: () => Outcome<T>,
): Outcome<T> {
  const entered = enterGuest(p, domain);
  if (!entered.ok) return entered;
  leaveGuest(p, domain.core, EXIT.VMMCALL);
  return call(p, 'hypercall', name, args, () => {
    if (domain.sev)
      p.trace.fact('note', { what: 'hypercall arguments', hypercall: name }, PV_RULES.arguments);
    return body();
  });
}
