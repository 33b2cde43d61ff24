import { readU32, u32 } from '../../core/bytes';
import { PROCESSOR_SIGNATURES } from '../../cpu/signature';
import { leafPolicy } from '../snp/cpuidLeaves';
import {
  CPUID_PAGE_CHECKS,
  correctedCpuidPage,
  cpuidListBytes,
  decodeCpuidEntries,
  MOST_CPUID_ENTRIES,
} from '../snp/cpuidPage';
import { type Ask, areZero, guestMessage, REQUEST, reservedFields } from './message';

/** Are the CPUID values that the hypervisor shows a guest ones that the processor could give? */
const processor = ({ p }: Ask): number => PROCESSOR_SIGNATURES[p.config.generation];
const count = ({ payload }: Ask): number => readU32(payload, 0);
const HEAD_BYTES = cpuidListBytes(0);
const hasReserved = ({ payload }: Ask): boolean => !areZero(payload, 4, HEAD_BYTES);
const tooMany = (ask: Ask): boolean => count(ask) > MOST_CPUID_ENTRIES;

const [, values] = CPUID_PAGE_CHECKS;

export const CPUID = guestMessage({
  type: 1,
  name: 'MSG_CPUID_REQ',
  purpose: 'Check CPUID values, and tell those that would be right.',
  source: `${REQUEST}, cpuid_lookup.c (sanitize_cpuid_list)`,
  answerBytes: 'as asked',
  checks: [
    reservedFields(hasReserved),
    {
      id: 'asp.msg-cpuid-count',
      says: `COUNT is above ${MOST_CPUID_ENTRIES}`,
      status: 'INVALID_PARAM',
      source: REQUEST,
      holds: tooMany,
    },
    {
      id: 'asp.msg-cpuid-values',
      says: 'the firmware’s policy does not let a value stand, or a reserved field of an entry is not 0',
      status: 'INVALID_PARAM',
      source: 'AMD-ASPFW cpuid_lookup.c (sanitize_cpuid_list)',
      holds: (ask) => values?.holds(ask.payload, processor(ask)) === true,
    },
  ],
  prepare: (ask, out) => {
    if (hasReserved(ask) || tooMany(ask)) return;
    const checked = decodeCpuidEntries(ask.payload).filter(
      ({ leaf, subleaf }) => leafPolicy(leaf, subleaf) !== null,
    );
    out.set(u32(checked.length), 4);
    const end = Math.min(out.length, cpuidListBytes(count(ask)));
    const corrected = correctedCpuidPage(ask.payload, processor(ask));
    if (end > HEAD_BYTES) out.set(corrected.subarray(HEAD_BYTES, end), HEAD_BYTES);
  },
  run: () => {},
});
