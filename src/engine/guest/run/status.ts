import type { Platform } from '../../core/platform';
import { sevStatus } from '../../cpu/sevFeatures';
import { coreOf, type Vcpu } from '../memory';

/** MSR C001_0131 as hardware has it for the guest that runs; 0 without SEV. */
export function statusOf(p: Platform, vcpu: Vcpu): bigint {
  const { sev, es } = p.state.need('core', coreOf(p, vcpu));
  return sev ? sevStatus(es, 0n) : 0n;
}
