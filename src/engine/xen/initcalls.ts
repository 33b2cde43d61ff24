import type { Platform } from '../core/platform';

/** What Xen does between its own start and the first domain. */
export function initcalls(_p: Platform): void {}
