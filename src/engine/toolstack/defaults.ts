import { POLICY } from '../asp/guests';
import type { Platform } from '../core/platform';
import { hasEsPlatform } from '../xen/driver/probe';
import { defaultPolicy } from '../xen/tree';
import type { XlConfig } from '../xen/xl/config';

/** libxl’s memory for a guest whose file names none (libxl_create.c: libxl__domain_build_info_setdefault). */
const DEFAULT_KIB = 32 * 1024;
const KIB = 1024;

/** Bytes of memory that a guest gets at its start. */
export const memoryOf = ({ targetMemKiB }: XlConfig): number => (targetMemKiB ?? DEFAULT_KIB) * KIB;

/**
 * The guest policy that a configuration asks for; its ES bit chooses the kind of guest. Where the file names neither policy
 * nor kind, the best that the platform was started for.
 */
export function policyOf(p: Platform, { sevPolicy, sevType }: XlConfig): number {
  if (sevPolicy !== undefined) return sevPolicy;
  const es = sevType === 'sev-es' || (sevType === undefined && hasEsPlatform(p));
  return defaultPolicy(p) | (es ? POLICY.es : 0);
}
