import { type Fault, type Rule, refuse } from '../core/fault';
import type { Platform } from '../core/platform';
import { structureRefusal } from '../rmp/structures';
import { snpEnabled } from '../rmp/table';
import { featuresOf } from './cpuid';
import { hasSevFeature, missingFeatures, SEV_FEATURES, type SevFeature } from './sevFeatures';
import { readVmsaField } from './vmsaFields';

/** What VMRUN asks of SEV_FEATURES and of the pages that it uses, in the order of cpu-and-rmp.md E.9. */

const rule = (id: string, says: string, source: string, standing: Rule['standing'] = 'published'): Rule => ({
  id,
  says,
  source,
  standing,
});

export const VMRUN_SNP_RULES = {
  reserved: rule(
    'vmrun.features-reserved',
    'Bits of SEV_FEATURES that are not defined are 0.',
    'APM vol. 2 table 15-32; that VMRUN refuses them is modelled',
    'modelled',
  ),
  lacking: rule(
    'vmrun.features-lacking',
    'A VMSA asks for no feature that CPUID does not report.',
    'APM vol. 2 table 15-32 and vol. 3 Fn8000_001F[EAX]; that VMRUN refuses it is modelled',
    'modelled',
  ),
  enabled: rule(
    'vmrun.snp-enabled',
    'A VMSA with SNPActive needs SNP enabled: SYSCFG.SecureNestedPagingEn.',
    'APM vol. 2 §15.36.13',
  ),
  injection: rule(
    'vmrun.features-injection',
    'RestrictedInjection, AlternateInjection and SecureAVIC exclude one another.',
    'APM vol. 2 §15.36.15, §15.36.16, §15.36.21',
  ),
  allowed: rule(
    'vmrun.features-allowed',
    'With bit 63 of VMCB 0x138 the VMSA has no feature that the hypervisor has not allowed there.',
    'APM vol. 2 §15.36.20',
  ),
  vmpl: rule(
    'vmrun.vmpl',
    'The VMPL of the VMSA is one that the processor has (CPUID Fn8000_001F[EBX] bits 15:12).',
    'modelled: what VMRUN does about another is not published',
    'modelled',
  ),
  /** One that lets pass: a note for the record. */
  pcpu: rule(
    'vmrun.pcpu-id',
    'At VMRUN of an SNP guest hardware itself flushes its translations when PCPU_ID says that the VMSA last ran elsewhere, or was cleared, or TLB_ID that another VMSA of the guest has run on the core since.',
    'APM vol. 2 §15.36.15; modelled: PCPU_ID is the number of the core and 1, and TLB_ID counts these flushes by core and ASID',
    'modelled',
  ),
} as const satisfies Record<string, Rule>;

const DEFINED = Object.values(SEV_FEATURES).reduce((bits, { bit }) => bits | (1n << BigInt(bit)), 0n);
const COUNTS = 1n << 63n;
const ONE_OF: readonly SevFeature[] = ['RestrictedInjection', 'AlternateInjection', 'SecureAVIC'];

/** Does VMRUN take a VMSA for one of an SNP guest? Without SNP on the machine it never does. */
export const isSnpVmsa = (p: Platform, page: Uint8Array): boolean =>
  snpEnabled(p) && hasSevFeature(readVmsaField(page, 'sevFeatures'), 'SNPActive');

/** The page of the VMSA: the hypervisor’s, or with SNP the guest’s own. */
export const vmsaPageRefusal = (
  p: Platform,
  { asid, vmsa }: { readonly asid: number; readonly vmsa: bigint },
  page: Uint8Array,
): Fault | null => structureRefusal(p, isSnpVmsa(p, page) ? 'SNP VMSA' : 'VMSA', Number(vmsa), asid);

/** What SEV_FEATURES and the VMPL of a VMSA have wrong, or null. */
export function featuresRefusal(
  p: Platform,
  { allowedSevFeatures: allowed }: { readonly allowedSevFeatures: bigint },
  page: Uint8Array,
): Fault | null {
  const features = readVmsaField(page, 'sevFeatures');
  const vmpl = Number(readVmsaField(page, 'vmpl'));
  const { vmpls, has } = featuresOf(p.state);
  const fails = (by: Rule, remedy: string): Fault =>
    refuse(
      by,
      'VMEXIT_INVALID',
      `The VMSA has SEV_FEATURES 0x${features.toString(16)} and VMPL ${vmpl}. ${by.says}`,
      { sevFeatures: `0x${features.toString(16)}`, allowed: `0x${allowed.toString(16)}`, vmpl, vmpls },
      remedy,
    ).fault;
  if ((features & ~DEFINED) !== 0n) return fails(VMRUN_SNP_RULES.reserved, 'Only defined bits.');
  if (missingFeatures(features, has).length > 0)
    return fails(VMRUN_SNP_RULES.lacking, 'A newer processor, or fewer features.');
  if (hasSevFeature(features, 'SNPActive')) {
    if (!snpEnabled(p)) return fails(VMRUN_SNP_RULES.enabled, 'SYSCFG bit 24 on all cores, or bit 0 clear.');
    if (vmpl >= vmpls) return fails(VMRUN_SNP_RULES.vmpl, `A VMPL below ${vmpls}.`);
  }
  if (ONE_OF.filter((name) => hasSevFeature(features, name)).length > 1)
    return fails(VMRUN_SNP_RULES.injection, 'One of bits 3, 4 and 16.');
  if ((allowed & COUNTS) !== 0n && (features & ~allowed) !== 0n)
    return fails(VMRUN_SNP_RULES.allowed, 'Fewer features in the VMSA, or more bits at VMCB 0x138.');
  return null;
}

/** PCPU_ID of a VMSA that runs on a core. */
export const pcpuIdOf = (core: number): bigint => BigInt(core + 1);

/** TLB_ID of the VMSA that has run last on a core under an ASID; 0: none has. */
export const tlbIdOn = (p: Platform, core: number, asid: number): number =>
  p.state.need('core', core).tlbIds?.[asid] ?? 0;

/** Does VMRUN of an SNP guest on a core flush the guest’s translations there by itself? */
export const movesHere = (p: Platform, page: Uint8Array, core: number, asid: number): boolean =>
  readVmsaField(page, 'pcpuId') !== pcpuIdOf(core) ||
  readVmsaField(page, 'tlbId') !== BigInt(tlbIdOn(p, core, asid));
