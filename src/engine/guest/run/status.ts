import type { Platform } from '../../core/platform';
import { SEV_FEATURES, sevStatus } from '../../cpu/sevFeatures';
import { coreOf, type Vcpu } from '../memory';

/** SEV_FEATURES as far as a core keeps it. */
export const featuresOf = (snp: boolean): bigint => (snp ? 1n << BigInt(SEV_FEATURES.SNPActive.bit) : 0n);

/** MSR C001_0131 as hardware has it for the guest that runs; 0 without SEV. */
export function statusOf(p: Platform, vcpu: Vcpu): bigint {
  const { sev, es, snp } = p.state.need('core', coreOf(p, vcpu));
  return sev ? sevStatus(es, featuresOf(snp)) : 0n;
}
