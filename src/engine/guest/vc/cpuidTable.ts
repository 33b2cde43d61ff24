import { decodeCpuidEntries } from '../../asp/snp/cpuidPage';
import type { CpuidEntry } from '../../asp/snp/cpuidPolicy';
import { PAGE_SIZE } from '../../core/address';
import { type Outcome, ok, type Rule } from '../../core/fault';
import type { Platform } from '../../core/platform';
import type { Registers } from '../../core/registers';
import { EXIT } from '../../cpu/exits';
import { type Vcpu, vcpuAccess } from '../memory';
import { ask } from './ask';

const SOURCE = 'Linux arch/x86/boot/startup/sev-shared.c (snp_cpuid, snp_cpuid_postprocess)';

const TABLE: Rule = {
  id: 'guest.cpuid-table',
  says: 'An SNP guest answers CPUID from the page that the firmware checked at its launch. What no page can know it asks the hypervisor for: the number of the APIC, and nothing else.',
  source: `${SOURCE}; that XCR0 decides about the size of the XSAVE area is worked out from the page as well`,
  standing: 'published',
};

/** What the kernel calls the page. */
export const CPUID_TABLE = 'CPUID table';

/** Values of the four registers. */
export type CpuidValues = Record<'eax' | 'ebx' | 'ecx' | 'edx', number>;

/** Leaves whose subleaves differ (Linux: cpuid_function_is_indexed). */
const INDEXED = [4, 7, 0xb, 0xd, 0xf, 0x10, 0x12, 0x14, 0x17, 0x18, 0x1d, 0x1e, 0x1f, 0x8000_001d];

/** Leaves of which parts come from the hypervisor, as masks: the APIC ID, by whichever name. */
const FROM_HYPERVISOR: ReadonlyMap<number, CpuidValues> = new Map([
  [0x1, { eax: 0, ebx: 0xff00_0000, ecx: 0, edx: 0 }],
  [0xb, { eax: 0, ebx: 0, ecx: 0, edx: 0xffff_ffff }],
  [0x8000_001e, { eax: 0xffff_ffff, ebx: 0xff, ecx: 0xff, edx: 0 }],
]);

/** The legacy part of the XSAVE area, bytes (APM vol. 2 §11.5.4). */
const LEGACY_AREA = 0x240;

const NOTHING: CpuidValues = { eax: 0, ebx: 0, ecx: 0, edx: 0 };

function find(entries: readonly CpuidEntry[], leaf: number, subleaf: number): CpuidValues | undefined {
  const indexed = INDEXED.includes(leaf);
  return entries.find((entry) => entry.leaf === leaf && (!indexed || entry.subleaf === subleaf));
}

/** The last leaf of the range that a leaf is in; nothing is asked for behind it. */
function lastOf(entries: readonly CpuidEntry[], leaf: number): number {
  const base = leaf >= 0x8000_0000 ? 0x8000_0000 : leaf >= 0x4000_0000 ? 0x4000_0000 : 0;
  return find(entries, base, 0)?.eax ?? base;
}

/** Bytes of the XSAVE area for the parts that are switched on. */
const areaSize = (entries: readonly CpuidEntry[], xcr0: bigint): number =>
  entries
    .filter(({ leaf, subleaf }) => leaf === 0xd && subleaf > 1 && ((xcr0 >> BigInt(subleaf)) & 1n) === 1n)
    .reduce((size, { eax, ebx }) => Math.max(size, eax + ebx), LEGACY_AREA);

/** The answer for a leaf from the guest’s own CPUID page, at a GVA. */
export function cpuidFromTable(
  p: Platform,
  vcpu: Vcpu,
  table: number,
  registers: Registers,
): Outcome<CpuidValues> {
  const page = vcpuAccess(p, vcpu, 'read', table, PAGE_SIZE);
  if (!page.ok) return page;
  const entries = decodeCpuidEntries(page.value);
  const [leaf, subleaf] = [low(registers.rax), low(registers.rcx)];
  p.trace.fact('note', { what: 'CPUID from the table', leaf, subleaf }, TABLE);
  const { eax, ebx, ecx, edx } = find(entries, leaf, subleaf) ?? NOTHING;
  const known = { eax, ebx, ecx, edx };
  if (leaf === 0xd && subleaf === 0) return ok({ ...known, ebx: areaSize(entries, registers.xcr0) });
  const mask = leaf <= lastOf(entries, leaf) ? FROM_HYPERVISOR.get(leaf) : undefined;
  if (!mask) return ok(known);
  const asked = ask(p, vcpu, { code: EXIT.CPUID, info1: 0n, info2: 0n }, registers);
  if (!asked.ok) return asked;
  const mixed = (name: keyof CpuidValues, field: 'rax' | 'rbx' | 'rcx' | 'rdx'): number =>
    ((known[name] & ~mask[name]) | (low(asked.value.read(field)) & mask[name])) >>> 0;
  return ok({
    eax: mixed('eax', 'rax'),
    ebx: mixed('ebx', 'rbx'),
    ecx: mixed('ecx', 'rcx'),
    edx: mixed('edx', 'rdx'),
  });
}

const low = (value: bigint): number => Number(BigInt.asUintN(32, value));
