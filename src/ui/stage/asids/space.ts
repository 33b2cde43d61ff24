/** SVM ASIDs that every EPYC announces in Fn8000_000A[EBX]; far more than have a key. */
export const SVM_ASIDS = 32_768;

export type AsidKind = 'host' | 'es-only' | 'sev' | 'no-key';

export interface AsidSegment {
  readonly kind: AsidKind;
  /** Both ends included. */
  readonly first: number;
  readonly last: number;
}

/**
 * The ASID space as CPUID Fn8000_001F cuts it: 0 is the hypervisor, 1 … EDX-1 are for SEV-ES only, EDX … ECX for SEV, and
 * those above have no key of their own. Segments without a member are left out.
 */
export function asidSegments(ecx: number, edx: number): AsidSegment[] {
  const segments: AsidSegment[] = [
    { kind: 'host', first: 0, last: 0 },
    { kind: 'es-only', first: 1, last: Math.min(edx - 1, ecx) },
    { kind: 'sev', first: Math.max(1, edx), last: ecx },
    { kind: 'no-key', first: ecx + 1, last: SVM_ASIDS - 1 },
  ];
  return segments.filter((segment) => segment.last >= segment.first);
}

export const segmentSize = (segment: AsidSegment): number => segment.last - segment.first + 1;

/** The segment of one ASID. */
export const kindOfAsid = (asid: number, ecx: number, edx: number): AsidKind =>
  asidSegments(ecx, edx).find((segment) => asid >= segment.first && asid <= segment.last)?.kind ?? 'no-key';

/** How keyed ASIDs are laid out as seats: enough columns that the whole space is seen at once. */
export function seatGrid(
  count: number,
  width: number,
  least: number,
  most: number,
): { columns: number; size: number } {
  for (let size = most; size > least; size--) {
    const columns = Math.floor(width / size);
    if (columns > 0 && Math.ceil(count / columns) * size <= width / 4) return { columns, size };
  }
  return { columns: Math.max(1, Math.floor(width / least)), size: least };
}
