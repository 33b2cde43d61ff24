import { z } from 'zod';
import { type AsidCpuid, firmwareRanges, kvmRanges, xenRanges } from '../../engine/xen/asids/ranges';
import { canonical } from './canonical';
import { hasEntryWith, isRecord, type Recogniser, runSection } from './result';

const count = z.number().int().min(0);

const row = z.object({
  fn8000_000A_EBX: count,
  fn8000_001F_ECX: count,
  fn8000_001F_EDX: count,
  firmware: z.unknown(),
  xenRfcWithReservedAsid1: z.unknown(),
  kvm: z.unknown(),
});

/** Which ASIDs which kind of guest may have, in the format of the table `asidRanges` of `xen.json`. */
export const asidRanges = {
  name: 'ASID ranges',
  recognises: (json: unknown) =>
    isRecord(json) && hasEntryWith(json.asidRanges, 'fn8000_001F_ECX', 'fn8000_001F_EDX', 'firmware'),
  run: (json: unknown) =>
    runSection(json, 'asidRanges', row, (entry, compare) => {
      const cpuid: AsidCpuid = {
        asids: entry.fn8000_000A_EBX,
        maxSev: entry.fn8000_001F_ECX,
        minSev: entry.fn8000_001F_EDX,
      };
      compare('firmware', canonical(entry.firmware), canonical(firmwareRanges(cpuid)));
      compare('xen', canonical(entry.xenRfcWithReservedAsid1), canonical(xenRanges(cpuid)));
      compare('kvm', canonical(entry.kvm), canonical(kvmRanges(cpuid)));
    }),
} satisfies Recogniser;
