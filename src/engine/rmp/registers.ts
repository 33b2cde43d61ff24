import { DONE, type Outcome, type Rule, refuse } from '../core/fault';
import type { Platform } from '../core/platform';
import type { RmpCell } from '../core/rmpCells';
import { HARDWARE_UNIT } from './place';
import { cfgRefusal, enableRefusal } from './segmentRules';
import { SEGMENT_CPUID, type SegmentLimits, segmentLimits } from './segments';
import { readSegments } from './segmentTable';
import { snpEnabled } from './table';

/**
 * The MSRs that software sets before it enables SNP, each for all cores at once: RMP_BASE (C001_0132), RMP_END (C001_0133),
 * RMP_CFG (C001_0136), and bits 19, 24 and 25 of SYSCFG (C001_0010).
 */
const RULES = {
  bounds: {
    id: 'rmp.bounds-unit',
    says: 'RMP_BASE and RMP_END + 1 are multiples of 8 KiB, and can be written only before SNP is enabled.',
    source:
      'modelled: APM vol. 2 §15.36 has the alignment; that a write of another value is #GP is not published',
    standing: 'modelled',
  },
  cfg: {
    id: 'rmp.cfg-reserved',
    says: 'Of RMP_CFG only SegRmpEn (bit 0) and RmpSegSize (bits 13:8) can be set.',
    source: 'modelled: APM vol. 2 §15.36.22 has the bits; that a reserved one is #GP is not published',
    standing: 'modelled',
  },
  ignored: {
    id: 'syscfg.locked',
    says: 'Once SYSCFG.SecureNestedPagingEn is 1, writes of SYSCFG change nothing.',
    source: 'APM vol. 2 §15.36.2',
    standing: 'published',
  },
} as const satisfies Record<string, Rule>;

const UNSET: RmpCell = { base: 0, end: 0, segmentBits: null };

function setRmp(p: Platform, fields: Partial<RmpCell>): Outcome<null> {
  p.trace.set('rmp', 0, { ...UNSET, ...p.state.cell('rmp'), ...fields });
  return DONE;
}

function writeBound(p: Platform, name: 'base' | 'end', value: number): Outcome<null> {
  const first = name === 'base' ? value : value + 1;
  if (!snpEnabled(p) && first % HARDWARE_UNIT === 0) return setRmp(p, { [name]: value });
  const text = `RMP_${name.toUpperCase()} cannot become 0x${value.toString(16)}. ${RULES.bounds.says}`;
  const remedy = 'A multiple of 8 KiB, written before SYSCFG.SecureNestedPagingEn is set.';
  return p.trace.refused(refuse(RULES.bounds, '#GP', text, { value, snpEnabled: snpEnabled(p) }, remedy));
}

/** @param base SPA of the table’s first byte. */
export const writeRmpBase = (p: Platform, base: number): Outcome<null> => writeBound(p, 'base', base);

/** @param end SPA of the table’s last byte. */
export const writeRmpEnd = (p: Platform, end: number): Outcome<null> => writeBound(p, 'end', end);

const SEGMENTED = 1;
const SIZE_LSB = 8;
const SIZE = 0x3f00;

const limitsOf = (p: Platform): SegmentLimits => segmentLimits(SEGMENT_CPUID[p.config.generation]);

/** @param value all bits of RMP_CFG. */
export function writeRmpCfg(p: Platform, value: number): Outcome<null> {
  if (value & ~(SEGMENTED | SIZE)) {
    const text = `RMP_CFG cannot become 0x${value.toString(16)}: a reserved bit is set.`;
    return p.trace.refused(refuse(RULES.cfg, '#GP', text, { value }, 'The other bits zero.'));
  }
  const segmentBits = value & SEGMENTED ? (value & SIZE) >> SIZE_LSB : null;
  const fault = cfgRefusal(segmentBits, limitsOf(p), snpEnabled(p));
  return fault ? p.trace.refused({ ok: false, fault }) : setRmp(p, { segmentBits });
}

/** Physical address bits: CPUID Fn8000_0008[EAX] bits 7:0. */
const physicalBits = (p: Platform): number => p.state.need('cpuid').fn80000008eax & 0xff;

/** Sets or clears SecureNestedPagingEn and VMPLEn, and MtrrFixDramModEn (bit 19) where it is named. */
export function writeSyscfg(
  p: Platform,
  fields: { readonly snpEn: boolean; readonly vmplEn: boolean; readonly mfdm?: boolean },
): Outcome<null> {
  if (snpEnabled(p)) {
    p.trace.fact('note', { what: 'SYSCFG stays' }, RULES.ignored);
    return DONE;
  }
  const rmp = p.state.cell('rmp');
  const fault =
    fields.snpEn && rmp ? enableRefusal(rmp, () => readSegments(p, rmp), limitsOf(p), physicalBits(p)) : null;
  if (fault) return p.trace.refused({ ok: false, fault });
  p.trace.set('syscfg', 0, { ...p.state.cell('syscfg'), ...fields });
  return DONE;
}
