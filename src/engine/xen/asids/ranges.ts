/** First and last ASID, both included. */
export type AsidRange = readonly [first: number, last: number];

/** What CPUID says of ASIDs. */
export interface AsidCpuid {
  /** Fn8000_000A[EBX]: ASIDs in all, the host's 0 included. */
  readonly asids: number;
  /** Fn8000_001F[ECX]: encrypted guests at once, which is the highest ASID that has a key slot; 0 without SEV. */
  readonly maxSev: number;
  /** Fn8000_001F[EDX]: the lowest ASID for an SEV guest without SEV-ES. */
  readonly minSev: number;
}

export interface AsidRanges {
  readonly sev: AsidRange | null;
  /** SEV-ES and SEV-SNP. With EDX = 1, a common firmware default, there are none, though CPUID shows the feature. */
  readonly sevEsOrSnp: AsidRange | null;
}

/** The fallback that Xen's proposal shares among guests without a number of their own. */
export const FALLBACK_ASID = 1;

const range = (first: number, last: number): AsidRange | null => (first <= last ? [first, last] : null);

/** Numbers that the firmware's ACTIVATE takes (xen.md B.4; APM vol. 3, Fn8000_001F). */
export function firmwareRanges({ maxSev, minSev }: AsidCpuid): AsidRanges {
  return rangesFrom(1, maxSev, minSev);
}

/**
 * Numbers that the proposed allocator hands out: the firmware's without the fallback. Ordinary guests get the first
 * free one above those with key slots; the series as posted begins one lower, at ECX itself.
 */
export function xenRanges({
  asids,
  maxSev,
  minSev,
}: AsidCpuid): AsidRanges & { readonly plainPreferred: AsidRange | null } {
  const first = FALLBACK_ASID + 1;
  return {
    ...rangesFrom(first, maxSev, minSev),
    plainPreferred: range(Math.max(first, maxSev + 1), asids - 1),
  };
}

/** Numbers that KVM hands out, or why it does not (linux arch/x86/kvm/svm/sev.c: sev_asid_new). */
export function kvmRanges({ maxSev, minSev }: AsidCpuid): {
  readonly sev: AsidRange | 'ENOTTY' | 'unsupported';
  readonly sevEs: AsidRange | null;
} {
  const { sev, sevEsOrSnp } = rangesFrom(1, maxSev, minSev);
  return { sev: sev ?? (maxSev === 0 ? 'unsupported' : 'ENOTTY'), sevEs: sevEsOrSnp };
}

const rangesFrom = (first: number, maxSev: number, minSev: number): AsidRanges => ({
  sev: maxSev === 0 ? null : range(Math.max(first, minSev), maxSev),
  sevEsOrSnp: range(first, Math.min(minSev - 1, maxSev)),
});
