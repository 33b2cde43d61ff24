import { type Fault, type Rule, refuse } from '../core/fault';
import type { RmpCell } from '../core/rmpCells';
import { FIRMWARE_UNIT } from './place';
import { type Segment, type SegmentLimits, segmentBytes } from './segments';

const rule = (id: string, says: string): Rule => ({
  id,
  says,
  source: 'APM vol. 2 §15.36.22.3',
  standing: 'published',
});

const SEGMENT_RULES = {
  locked: rule('rmp.cfg-locked', 'RMP_CFG can be written only while SYSCFG.SecureNestedPagingEn is 0.'),
  size: rule('rmp.cfg-size', 'RmpSegSize lies between the two sizes that CPUID Fn8000_0025[EAX] names.'),
  base: rule('rmp.segments-base', 'With SegRmpEn, RMP_BASE is a multiple of 1 MiB when SNP is enabled.'),
  outside: rule(
    'rmp.segments-outside',
    'Where CPUID Fn8000_0025[EBX] bit 10 is 1, the entries of every segment lie in the physical address space when SNP is enabled.',
  ),
  reserved: rule(
    'rmp.segment-reserved',
    'Where CPUID Fn8000_0025[EBX] bit 10 is 0, a reserved bit in the table of segments is an error of the access that finds it.',
  ),
} as const;

const gp = (by: Rule, message: string, remedy: string): Fault => refuse(by, '#GP', message, {}, remedy).fault;

/** A write of RMP_CFG; `segmentBits` null: without SegRmpEn. Null when it is allowed. */
export function cfgRefusal(
  segmentBits: number | null,
  { min, max }: SegmentLimits,
  snpEnabled: boolean,
): Fault | null {
  if (snpEnabled)
    return gp(SEGMENT_RULES.locked, 'SNP is enabled on this core.', 'A write before SNP is enabled.');
  if (segmentBits === null || (segmentBits >= min && segmentBits <= max)) return null;
  return gp(
    SEGMENT_RULES.size,
    `Segments of 2^${segmentBits} bytes are not among those of this processor.`,
    `A size from ${min} to ${max}.`,
  );
}

/** Setting SecureNestedPagingEn with this table of segments; null when it is allowed. */
export function enableRefusal(
  { base, segmentBits }: RmpCell,
  segments: () => readonly Segment[],
  { hard }: SegmentLimits,
  physicalBits: number,
): Fault | null {
  if (segmentBits === null) return null;
  if (base % FIRMWARE_UNIT !== 0)
    return gp(
      SEGMENT_RULES.base,
      `RMP_BASE is 0x${base.toString(16)}.`,
      'An RMP_BASE that is a multiple of 1 MiB.',
    );
  const far = hard ? segments().findIndex((segment) => endOf(segment, segmentBits) > 2 ** physicalBits) : -1;
  if (far < 0) return null;
  return gp(
    SEGMENT_RULES.outside,
    `The entries of segment ${far} end beyond ${physicalBits} bits.`,
    'A base in the physical address space.',
  );
}

const endOf = ({ covered, base }: Segment, segmentBits: number): number =>
  covered === 0 ? 0 : base + segmentBytes(Math.min(covered, 2 ** segmentBits));

/** An access that finds a reserved bit in an entry of the table of segments; null when it may go on. */
export function walkRefusal(
  { malformed }: Segment,
  { hard }: SegmentLimits,
  by: 'host' | 'guest',
): Fault | null {
  if (hard || !malformed) return null;
  return refuse(
    SEGMENT_RULES.reserved,
    by === 'host' ? '#PF' : '#NPF',
    'An entry of the table of segments has a reserved bit set.',
    { reserved: true },
    'Bits 63:52 of the entry would have to be zero.',
  ).fault;
}
