import { PAGE_SIZE } from '../../core/address';
import { readU32, readU64 } from '../../core/bytes';
import type { StatusName } from '../status';
import { leafPolicy } from './cpuidLeaves';
import { CPUID_REGISTERS, type CpuidEntry, type CpuidRegister } from './cpuidPolicy';

/** Most entries of a CPUID page and of a CPUID guest message (AMD-ASPFW cpuid_lookup.h). */
export const MOST_CPUID_ENTRIES = 64;
const HEAD_BYTES = 0x10;
const ENTRY_BYTES = 0x30;
const REGISTER_AT: Readonly<Record<CpuidRegister, number>> = { eax: 0x18, ebx: 0x1c, ecx: 0x20, edx: 0x24 };

/** Bytes of a head and so many entries. */
export const cpuidListBytes = (count: number): number => HEAD_BYTES + count * ENTRY_BYTES;

/** The entries that `count` announces. @param bytes head and entries, as in the page and in the guest message. */
export const decodeCpuidEntries = (bytes: Uint8Array): readonly CpuidEntry[] =>
  Array.from({ length: Math.min(readU32(bytes, 0), MOST_CPUID_ENTRIES) }, (_, i) => {
    const at = HEAD_BYTES + i * ENTRY_BYTES;
    const register = (name: CpuidRegister) => readU32(bytes, at + REGISTER_AT[name]);
    return {
      leaf: readU32(bytes, at),
      subleaf: readU32(bytes, at + 4),
      xcr0: readU64(bytes, at + 8),
      xss: readU64(bytes, at + 0x10),
      eax: register('eax'),
      ebx: register('ebx'),
      ecx: register('ecx'),
      edx: register('edx'),
      reserved: readU64(bytes, at + 0x28),
    };
  });

/** A page of such entries, 4096 bytes. @throws RangeError for more than 64. */
export function encodeCpuidPage(entries: readonly CpuidEntry[]): Uint8Array {
  if (entries.length > MOST_CPUID_ENTRIES) throw new RangeError(`${entries.length} entries do not fit`);
  const page = new Uint8Array(PAGE_SIZE);
  const view = new DataView(page.buffer);
  view.setUint32(0, entries.length, true);
  for (const [i, entry] of entries.entries()) {
    const at = HEAD_BYTES + i * ENTRY_BYTES;
    view.setUint32(at, entry.leaf, true);
    view.setUint32(at + 4, entry.subleaf, true);
    view.setBigUint64(at + 8, entry.xcr0, true);
    view.setBigUint64(at + 0x10, entry.xss, true);
    for (const name of CPUID_REGISTERS) view.setUint32(at + REGISTER_AT[name], entry[name], true);
    view.setBigUint64(at + 0x28, entry.reserved, true);
  }
  return page;
}

/** A register that the firmware does not let stand. */
export interface CpuidCorrection {
  /** Which entry, from 0. */
  readonly entry: number;
  readonly leaf: number;
  readonly subleaf: number;
  readonly register: CpuidRegister;
  readonly given: number;
  readonly corrected: number;
  /** What the register must be, in words. */
  readonly policy: string;
}

/** Every register of these entries that the firmware corrects. @param processor CPUID Fn0000_0001_EAX. */
export const cpuidCorrections = (
  entries: readonly CpuidEntry[],
  processor: number,
): readonly CpuidCorrection[] =>
  entries.flatMap((of, entry) => {
    const { leaf, subleaf } = of;
    const policies = leafPolicy(leaf, subleaf) ?? [];
    return policies.flatMap(({ says, left }, i) => {
      const register = CPUID_REGISTERS[i] ?? 'eax';
      const given = of[register];
      const corrected = left(given, of, processor);
      return given === corrected ? [] : [{ entry, leaf, subleaf, register, given, corrected, policy: says }];
    });
  });

/** One thing that SNP_LAUNCH_UPDATE tests of a CPUID page; when it holds, the page is not taken. */
export interface CpuidPageCheck {
  readonly id: string;
  readonly says: string;
  readonly status: StatusName;
  readonly source: string;
  /** @param page 4096 bytes. @param processor CPUID Fn0000_0001_EAX. */
  readonly holds: (page: Uint8Array, processor: number) => boolean;
}

const isChecked = ({ leaf, subleaf }: CpuidEntry): boolean => leafPolicy(leaf, subleaf) !== null;

/** What SNP_LAUNCH_UPDATE tests of a CPUID page, in the firmware’s order. */
export const CPUID_PAGE_CHECKS: readonly CpuidPageCheck[] = [
  {
    id: 'asp.cpuid-page-head',
    says: 'CPUID page: a reserved field of its head is not 0, or COUNT is above 64',
    status: 'INVALID_PARAM',
    source: 'AMD-ASPFW sev_mcmd.c (snp_mcmd_launch_update)',
    holds: (page) =>
      readU32(page, 0) > MOST_CPUID_ENTRIES || readU32(page, 4) !== 0 || readU64(page, 8) !== 0n,
  },
  {
    id: 'asp.cpuid-page-values',
    says: 'CPUID page: the firmware’s policy does not let a value stand, or a reserved field of an entry is not 0',
    status: 'INVALID_PARAM',
    source: 'AMD-ASPFW cpuid_lookup.c (sanitize_cpuid_list); PPR “CPUID Policy Enforcement”',
    holds: (page, processor) => {
      const entries = decodeCpuidEntries(page);
      return (
        cpuidCorrections(entries, processor).length > 0 ||
        entries.some((entry) => isChecked(entry) && entry.reserved !== 0n)
      );
    },
  },
];

/** The page with every correction made, as the firmware writes it back in the clear when it refuses one. */
export function correctedCpuidPage(page: Uint8Array, processor: number): Uint8Array {
  const copy = page.slice();
  const view = new DataView(copy.buffer);
  for (const { entry, register, corrected } of cpuidCorrections(decodeCpuidEntries(page), processor))
    view.setUint32(HEAD_BYTES + entry * ENTRY_BYTES + REGISTER_AT[register], corrected, true);
  return copy;
}
