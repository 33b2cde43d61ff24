import { readU32 } from '../../core/bytes';
import type { Platform } from '../../core/platform';
import { masksOf } from '../asids';
import type { Call } from '../call';
import type { Check } from '../command';
import { rangeStatus } from './address';
import { neverHere } from './platform';

/** The list of threads by which ACTIVATE_EX and SNP_ACTIVATE_EX name core complexes. */
const EX = 'AMD-ASPFW sev_mcmd.c (mcmd_activate_ex_common)';

/** APIC ids of this machine are the numbers of its threads (modelled). */
function complexesOf(p: Platform, ids: readonly number[]): number | null {
  let complexes = 0;
  for (const id of ids) {
    const core = p.state.cell('core', id);
    if (!core) return null;
    complexes |= 1 << core.complex;
  }
  return complexes >>> 0;
}

const apicIds = (call: Call): number[] =>
  call.once('APIC ids', () => {
    const bytes = call.copyIn('IDS_PADDR', 4 * call.int('NUMIDS'));
    return Array.from({ length: call.int('NUMIDS') }, (_, i) => readU32(bytes, 4 * i));
  });

/** The complexes of the list; the checks have made sure that there are some. */
export const chosenComplexes = (call: Call): number => complexesOf(call.p, apicIds(call)) ?? 0;

export const apicList: readonly Check[] = [
  neverHere(
    'apic-table',
    'the firmware has no consistent table of APIC ids',
    'UNSUPPORTED',
    'AMD-ASPFW apicid.c',
  ),
  {
    id: 'asp.apic-count',
    says: 'NUMIDS is 0 or above 1024',
    status: 'INVALID_PARAM',
    source: EX,
    holds: (call) => call.int('NUMIDS') === 0 || call.int('NUMIDS') > 1024,
  },
  {
    id: 'asp.apic-list',
    says: 'the list of APIC ids lies in forbidden memory, or not inside one range of DRAM',
    status: 'INVALID_ADDRESS',
    source: 'AMD-ASPFW x86_copy.c (validate_address_range)',
    holds: (call) => rangeStatus(call.p, call.address('IDS_PADDR'), 4 * call.int('NUMIDS')) ?? false,
  },
  {
    id: 'asp.apic-high',
    says: 'an APIC id is 512 or more',
    status: 'ERR_INTERNAL',
    source: 'AMD-ASPFW apicid.c (apicid_to_ccx_bitmask)',
    holds: (call) => apicIds(call).some((id) => id >= 512),
  },
  {
    id: 'asp.apic-absent',
    says: 'an APIC id belongs to no thread',
    status: 'INVALID_CONFIG',
    source: 'AMD-ASPFW apicid.c (apicid_to_ccx_bitmask)',
    holds: (call) => complexesOf(call.p, apicIds(call)) === null,
  },
];

export const dirtyHere: Check = {
  id: 'asp.asid-dirty-here',
  says: 'the ASID is dirty on one of these core complexes',
  status: 'DF_FLUSH_REQUIRED',
  source: 'AMD-ASPFW sev_guest.c (sev_guest_activate)',
  holds: (call) => (masksOf(call.p, call.int('ASID')).dirty & chosenComplexes(call)) !== 0,
};
