import type { Platform } from '../../core/platform';
import type { Left } from './left';
import { patchVcpu, vcpuOf } from './vcpus';

/**
 * AP reset hold: the vCPU waits until another one sends it a startup interrupt; true when one is there already, and the
 * vCPU goes on (GHCB specification #56421 §4.3.1).
 */
export function parkOrWake(p: Platform, { domain, vcpu }: Pick<Left, 'domain' | 'vcpu'>): boolean {
  const woken = vcpuOf(p, domain, vcpu).startup !== null;
  patchVcpu(p, domain, vcpu, { state: woken ? 'runs' : 'waits', startup: null });
  return woken;
}
