import { POLICY } from '../asp/guests';
import { SNP_POLICY } from '../asp/snp/policy';
import type { Platform } from '../core/platform';
import { hasEsPlatform, hasSnpPlatform } from '../xen/driver/probe';
import { hasEs } from '../xen/kind';
import { defaultPolicy } from '../xen/tree';
import type { SevType, XlConfig } from '../xen/xl/config';
import { keysOf } from '../xen/xl/dialects';

/** libxl’s memory for a guest whose file names none (libxl_create.c: libxl__domain_build_info_setdefault). */
const DEFAULT_KIB = 32 * 1024;
const KIB = 1024;

/** Bytes of memory that a guest gets at its start. */
export const memoryOf = ({ targetMemKiB }: XlConfig): number => (targetMemKiB ?? DEFAULT_KIB) * KIB;

/**
 * The kind of guest that a configuration asks for: what it names, or the kind of its policy. Where it has neither, the best
 * that the platform was started for, of the kinds for which this Xen has a word.
 */
export function kindOf(p: Platform, { sevPolicy, sevType }: XlConfig): SevType {
  if (sevType !== undefined) return sevType;
  if (sevPolicy !== undefined) return hasEs(sevPolicy) ? 'sev-es' : 'sev';
  if (hasSnpPlatform(p) && keysOf(p.config.xen).has('sev_type')) return 'sev-snp';
  return hasEsPlatform(p) ? 'sev-es' : 'sev';
}

/**
 * The branch’s policy for SNP: simultaneous multithreading is allowed, bit 17 is one. Its third bit, page swap disabled, is
 * newer than the firmware here, which would refuse it (AMD-ASPFW sev_mcmd.c: bits 63:21 are reserved).
 */
const SNP_DEFAULT = Number(SNP_POLICY.smt | SNP_POLICY.mustBeOne);

/** The guest policy that a configuration asks for. Without SNP its ES bit chooses the kind of guest. */
export function policyOf(p: Platform, config: XlConfig): number {
  if (config.sevPolicy !== undefined) return config.sevPolicy;
  const kind = kindOf(p, config);
  if (kind === 'sev-snp') return SNP_DEFAULT;
  return defaultPolicy(p) | (kind === 'sev-es' ? POLICY.es : 0);
}
