import type { Platform } from '../core/platform';
import { probeAsp } from './driver/probe';

/** What Xen’s drivers do before the first domain. */
export function initcalls(p: Platform): void {
  probeAsp(p);
}
